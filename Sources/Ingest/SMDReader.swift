internal import Storage
internal import Telemetry

/// Reads one machine of the Server Machine Dataset.
///
/// Su et al., "Robust Anomaly Detection for Multivariate Time Series through Stochastic Recurrent
/// Neural Network" (KDD 2019). The files have no times: rows are one minute apart and get instants
/// from 2000-01-01T00:01:00Z on, first `train`, then `test`. Runs of 1 in `test_label` become
/// incidents.
struct SMDReader: SourceReader {
  /// Metrics per row.
  static let dimensions = 38
  /// 2000-01-01T00:00:00Z, where the first row's minute begins.
  static let epoch = Timestamp(seconds: 946_684_800)
  static let step = TimeSpan.minutes(1)

  let path: String
  let machine: String

  func read(into collector: inout TelemetryCollector) throws {
    let name = machine.hasPrefix("machine-") ? machine : "machine-\(machine)"
    let trainRows = try readRows("train", name, from: 0, &collector)
    let testRows = try readRows("test", name, from: trainRows, &collector)
    try readLabels(name, from: trainRows, count: testRows, &collector)
    try collector.setTestStart(Self.time(ofRow: trainRows - 1), path: path)
  }

  /// The end of a row's minute.
  private static func time(ofRow row: Int) -> Timestamp { epoch + step * (row + 1) }

  private func open(
    _ part: String, _ name: String, _ collector: inout TelemetryCollector
  ) throws -> SourceText {
    for suffix in [".txt.gz", ".txt"] {
      let file = "\(path)/\(part)/\(name)\(suffix)"
      if FileSystem.item(at: file) != nil { return try collector.open(file, type: "smd") }
    }
    throw IngestError.missingPart(
      path: "\(path)/\(part)/\(name).txt", expected: "a machine of the Server Machine Dataset")
  }

  /// Reads a part's rows and returns how many there are.
  private func readRows(
    _ part: String, _ name: String, from first: Int, _ collector: inout TelemetryCollector
  ) throws -> Int {
    let file = try open(part, name, &collector)
    var columns: [Int] = []
    for index in 1...Self.dimensions {
      let metric = "d\(index < 10 ? "0" : "")\(index)"
      columns.append(
        try collector.series.number(
          labels: ["__name__": metric], service: name, kind: .gauge, in: file))
    }
    var records = try CSVRecords(file)
    var record = CSVRecords.Record()
    var row = first
    while try records.next(&record) {
      guard record.count == Self.dimensions else {
        throw IngestError.malformed(
          path: file.path, line: record.line,
          reason: "\(record.count) values, expected \(Self.dimensions)")
      }
      let time = Self.time(ofRow: row).milliseconds
      for index in 0..<Self.dimensions {
        guard let value = Double(record.string(index)) else {
          throw IngestError.malformed(
            path: file.path, line: record.line,
            reason: "\(quoted(record.string(index))) is not a number")
        }
        try collector.series.append(value, at: time, to: columns[index], line: record.line)
      }
      row += 1
    }
    guard row > first else {
      throw IngestError.malformed(path: file.path, line: 1, reason: "no rows")
    }
    return row - first
  }

  private func readLabels(
    _ name: String, from first: Int, count: Int, _ collector: inout TelemetryCollector
  ) throws {
    let file = try open("test_label", name, &collector)
    var records = try CSVRecords(file)
    var record = CSVRecords.Record()
    var labels: [Bool] = []
    while try records.next(&record) {
      try record.requireFields(in: file)
      let text = record.string(0)
      guard record.count == 1, text == "0" || text == "1" else {
        throw IngestError.malformed(
          path: file.path, line: record.line, reason: "\(quoted(text)) is not a label 0 or 1")
      }
      labels.append(text == "1")
    }
    guard labels.count == count else {
      throw IngestError.malformed(
        path: file.path, line: max(labels.count, 1),
        reason: "\(labels.count) labels for \(count) test rows")
    }
    var start: Int?
    var segments = 0
    for (index, label) in (labels + [false]).enumerated() {
      if label {
        start = start ?? index
      } else if let begin = start {
        segments += 1
        start = nil
        let incident = Incident(
          id: "\(name)-\(segments < 10 ? "0" : "")\(segments)", service: name, kind: "anomaly",
          start: Self.time(ofRow: first + begin) - Self.step,
          resolved: Self.time(ofRow: first + index - 1))
        try collector.add(incident, place: "\(file.path):\(begin + 1)")
      }
    }
  }
}
