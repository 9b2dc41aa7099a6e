internal import LogTemplates
internal import Storage
internal import Telemetry

/// `log`: a file of lines into the template of each, as ingest and training do it: the pattern of a
/// line, and the template of each new pattern.
struct LogTemplateWorkload: Workload {
  private let path: String

  init(data: String) { path = "\(data)/lines.txt" }

  func run() throws -> [UInt64] {
    let text = try FileSystem.readFile(at: path, limit: 1 << 30)
    var miner = TemplateMiner()
    var known: [LogPattern: UInt64] = [:]
    var templates: [UInt64] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0A) ?? text.count
      let pattern = LogMask.pattern(of: Array(text[start..<end]))
      if let template = known[pattern] {
        templates.append(template)
      } else {
        let template = miner.add(pattern)?.value ?? 0
        known[pattern] = template
        templates.append(template)
      }
      start = end + 1
    }
    return templates
  }

  func facts(of result: [UInt64]) -> [String: Double] {
    ["lines": Double(result.count), "templates": Double(Set(result).count)]
  }

  /// The template of each line, [lines] of 64 bits.
  func dump(of result: [UInt64]) -> [UInt8] {
    var bytes: [UInt8] = []
    for template in result { bytes.append(bytesOf: template) }
    return bytes
  }
}
