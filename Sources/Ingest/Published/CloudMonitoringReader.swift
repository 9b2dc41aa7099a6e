internal import Storage
internal import Telemetry

/// Reads a series of Microsoft's cloud monitoring dataset: `TimeStamp,Value,Label`.
///
/// Instants without a zone are UTC. An empty value is missing, and counted. Runs of rows labelled 1
/// are the incidents; of two rows at one instant with different labels the one with 1 counts, since
/// its run covers that instant. The first half of the rows is for training.
struct CloudMonitoringReader: SourceReader {
  private static let header = ["TimeStamp", "Value", "Label"]

  let source: PublishedSource

  func read(into collector: inout TelemetryCollector) throws {
    let file = try source.open("data/\(source.part).csv", &collector)
    let number = try collector.series.number(
      labels: ["__name__": "value"], service: source.partName, kind: .gauge, in: file)
    var times: [Timestamp] = []
    var labels: [Bool] = []
    try file.eachRecord(after: Self.header) { record in
      let malformed = { (text: String, expected: String) in
        IngestError.malformed(
          path: file.path, line: record.line, reason: "\(quoted(text)) is no \(expected)")
      }
      guard record.count == 3, !record.isDamaged else {
        throw malformed("\(record.count) fields", "instant, value and label")
      }
      guard let time = Timestamp(rfc3339: record.string(0)) else {
        throw malformed(record.string(0), "instant such as 2018-07-03T14:00:00Z")
      }
      guard record.string(2) == "0" || record.string(2) == "1" else {
        throw malformed(record.string(2), "label 0 or 1")
      }
      let text = record.string(1)
      if text.isEmpty {
        collector.note("empty_value", .skipped, in: file, line: record.line, detail: "")
      }
      guard let value = text.isEmpty ? .blank : Double(text) else {
        throw malformed(text, "number")
      }
      try collector.series.append(
        value, at: time.milliseconds, to: number, line: record.line)
      times.append(time)
      labels.append(record.string(2) == "1")
    }
    guard times.count > 1 else {
      throw IngestError.malformed(path: file.path, line: 1, reason: "fewer than two rows")
    }
    for (index, rows) in segments(of: labels).enumerated() {
      let span = (times[rows.lowerBound] - source.interval, times[rows.upperBound - 1])
      guard span.0 < span.1 else {
        throw IngestError.malformed(
          path: file.path, line: rows.upperBound + 1, reason: "time goes back within a segment")
      }
      try collector.add(
        source.incident(index + 1, of: source.partName, span),
        place: "\(file.path):\(rows.lowerBound + 2)")
    }
    try collector.setTestStart(times[times.count / 2 - 1], path: source.path)
  }
}
