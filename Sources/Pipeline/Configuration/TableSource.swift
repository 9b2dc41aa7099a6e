internal import Ingest
internal import Telemetry

/// The keys of sources that are tables.
let csvKeys = [
  "type", "path", "service", "time_format", "time_zone", "delimiter", "rename", "units", "columns",
]

extension ConfigurationNode {
  /// Takes what a source of a table says of it.
  func fill(_ source: inout CSVSource) throws {
    source.service = try optional("service")?.string
    if let format = try optional("time_format") {
      if try format.string.contains("%") {
        source.timePattern = try format.timePattern
      } else {
        source.timeFormat = try format.word()
      }
    }
    if let zone = try optional("time_zone") {
      guard let known = LocalZone(try zone.string) else {
        throw zone.expected("UTC, an offset such as +02:00, or a place such as Europe/Berlin")
      }
      source.timeZone = known
    }
    if let delimiter = try optional("delimiter") {
      let text = try delimiter.string
      let words: [String: UInt8] = ["tab": 0x09, "comma": 0x2C, "semicolon": 0x3B]
      guard let byte = words[text] ?? (text.utf8.count == 1 ? text.utf8.first : nil),
        byte < 0x80, ![0x0A, 0x0D, 0x22].contains(byte)
      else { throw delimiter.expected("a single character such as ';', or tab") }
      source.delimiter = byte
    }
    if let names = try optional("rename") {
      for (old, new) in try names.fields { source.names[old] = new }
    }
    if let units = try optional("units") {
      for (metric, text) in try units.fields {
        guard let unit = MeasuredUnit(text) else {
          throw try units.required(metric).expected("a unit such as ms, MiB or % for '\(metric)'")
        }
        source.units[metric] = unit
      }
    }
    if let columns = try optional("columns") { try columns.fill(&source.columns) }
  }

  private func fill(_ columns: inout CSVSource.Columns) throws {
    try check(keys: ["time", "service", "metric", "value", "labels", "ignore"])
    columns.time = try optional("time")?.string ?? columns.time
    columns.service = try optional("service")?.string ?? columns.service
    columns.metric = try optional("metric")?.string ?? columns.metric
    columns.value = try optional("value")?.string ?? columns.value
    columns.labels = try optional("labels")?.elements.map { try $0.string }
    columns.ignored = try optional("ignore")?.elements.map { try $0.string } ?? []
  }

  private var timePattern: TimePattern {
    get throws {
      let text = try string
      do {
        let pattern = try TimePattern(text)
        guard !pattern.lacksYear else { throw expected("a pattern with a year, %Y or %y") }
        return pattern
      } catch let failure as TimePattern.Failure {
        throw expected("another pattern: \(failure)")
      }
    }
  }
}
