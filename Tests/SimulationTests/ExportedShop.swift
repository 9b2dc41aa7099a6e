import Simulation
import Storage
import Telemetry

/// A simulated export as its readers see it: parsed from the bytes, with no look inside.
struct ExportedShop {
  struct Key: Hashable {
    var service: String
    var metric: String
  }

  struct LogLine {
    var labels: [String: String]
    var text: String
    var timestamp: String
    var time: Timestamp
  }

  /// The export of the embedded dataset's configuration, made once for all tests.
  static let standard = Result { try ExportedShop(SimulationConfiguration()) }

  static let services = ["cart", "catalog", "checkout", "frontend", "payment"]
  let configuration: SimulationConfiguration
  let export: SimulatedExport
  /// The labels of every series, in the order of the file.
  private(set) var labels: [[String: String]] = []
  /// One value a cell, nil where there is no sample; metrics named as `name{code}` or `name{le}`.
  private(set) var series: [Key: [Double?]] = [:]
  private(set) var incidents: [Incident] = []
  private(set) var logs: [LogLine] = []

  var cellsPerDay: Int {
    Int(TimeSpan.days(1).milliseconds / configuration.interval.milliseconds)
  }
  var cells: Int { cellsPerDay * configuration.days }
  var end: Timestamp { configuration.start + .days(Int64(configuration.days)) }
  var grid: TimeGrid {
    TimeGrid(first: configuration.start, interval: configuration.interval, count: cells)
  }

  init(_ configuration: SimulationConfiguration) throws {
    self.configuration = configuration
    export = try Simulation(configuration).run { _ in }
    try readMetrics()
    try readIncidents()
    try readLogs()
  }

  func values(_ service: String, _ metric: String) throws -> [Double?] {
    guard let values = series[Key(service: service, metric: metric)] else {
      throw Missing(what: "\(metric) of \(service)")
    }
    return values
  }

  /// What a counter gained in each cell, a decrease being a reset to 0; nil next to gaps.
  func increases(_ service: String, _ metric: String) throws -> [Double?] {
    let values = try values(service, metric)
    return values.indices.map { index in
      guard index > 0, let last = values[index - 1], let value = values[index] else { return nil }
      return value < last ? value : value - last
    }
  }

  /// The cells that an incident covers in part or whole.
  func cells(of incident: Incident) -> Range<Int> {
    grid.indices(touching: incident.start, incident.resolved)
  }

  private mutating func readMetrics() throws {
    let value = try JSONValue(parsing: export.metrics, source: "metrics.json")
    let document = JSONDocument(value, source: "metrics.json")
    guard try document["status"].string == "success",
      try document["data"]["resultType"].string == "matrix"
    else { throw Missing(what: "the envelope of a matrix") }
    for element in try document["data"]["result"].elements {
      var labels: [String: String] = [:]
      for (name, value) in try element["metric"].members { labels[name] = try value.string }
      self.labels.append(labels)
      let detail = (labels["code"] ?? labels["le"]).map { "{\($0)}" } ?? ""
      let key = Key(
        service: labels["service", default: ""], metric: labels["__name__", default: ""] + detail)
      var values = [Double?](repeating: nil, count: cells)
      guard case .array(let samples) = try element["values"].value else {
        throw Missing(what: "samples of \(key)")
      }
      for sample in samples {
        guard case .array(let pair) = sample, pair.count == 2, case .number(let time) = pair[0],
          case .string(let text) = pair[1], let value = Double(text)
        else { throw Missing(what: "a pair of a time and a number as a string in \(key)") }
        values[grid.index(covering: Timestamp(seconds: Int64(time)))] = value
      }
      series[key] = values
    }
  }

  private mutating func readIncidents() throws {
    let lines = String(decoding: export.incidents, as: UTF8.self).split(separator: "\n")
    guard lines.first == "id,service,kind,start,detected,resolved" else {
      throw Missing(what: "the header of the incidents")
    }
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 6, let start = Timestamp(rfc3339: fields[3]),
        let detected = Timestamp(rfc3339: fields[4]), let resolved = Timestamp(rfc3339: fields[5])
      else { throw Missing(what: "six fields in \(line)") }
      incidents.append(
        Incident(
          id: fields[0], service: fields[1], kind: fields[2], start: start, detected: detected,
          resolved: resolved))
    }
  }

  private mutating func readLogs() throws {
    for line in export.logs.split(separator: UInt8(ascii: "\n")) {
      let value = try JSONValue(parsing: Array(line), source: "logs.jsonl")
      let document = JSONDocument(value, source: "logs.jsonl")
      var labels: [String: String] = [:]
      for (name, value) in try document["labels"].members { labels[name] = try value.string }
      let stamp = try document["timestamp"].string
      guard let time = Timestamp(rfc3339: stamp) else { throw Missing(what: "a time in \(stamp)") }
      logs.append(
        LogLine(
          labels: labels, text: try document["line"].string, timestamp: stamp, time: time))
    }
  }
}

/// Something that a reader of the export needs is not there.
struct Missing: Error {
  var what: String
}
