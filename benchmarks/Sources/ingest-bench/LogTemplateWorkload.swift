internal import LogTemplates
internal import Storage

/// `log`: a file of lines into the template of each, mined as the lines come, with the defaults.
struct LogTemplateWorkload: Workload {
  private let path: String

  init(data: String) { path = "\(data)/lines.txt" }

  func run() throws -> [UInt64] {
    let text = try FileSystem.readFile(at: path, limit: 1 << 30)
    var miner = TemplateMiner()
    var templates: [TemplateID?] = []
    miner.add(lines: text.span) { templates.append($0) }
    // A template that became part of a more general one ends in it.
    var ends: [TemplateID?: UInt64] = [:]
    for template in Set(templates) {
      var end = template
      while let known = end, let next = miner.successor(of: known) { end = next }
      ends[template] = end?.value ?? 0
    }
    return templates.map { ends[$0] ?? 0 }
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
