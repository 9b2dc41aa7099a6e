internal import LogTemplates
internal import Storage

/// `log`: a file of lines into the template of each, mined as the lines come, with the defaults.
struct LogTemplateWorkload: Workload {
  private let path: String

  init(data: String) { path = "\(data)/lines.txt" }

  func run() throws -> [UInt64] {
    let text = try FileSystem.readFile(at: path, limit: 1 << 30)
    var miner = TemplateMiner()
    var templates: [UInt64] = []
    miner.add(lines: text.span) { templates.append($0?.value ?? 0) }
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
