internal import Storage
internal import Telemetry

/// Reads a server of the Application Server Dataset, or a service of JumpStarter's data.
///
/// Li et al., "Multivariate Time Series Anomaly Detection and Interpretation using Hierarchical
/// Inter-Metric and Temporal Embedding" (KDD 2021); Ma et al., "Jump-Starting Multivariate Time
/// Series Anomaly Detection for Online Service Systems" (USENIX ATC 2021). Rows of 19 values,
/// without header and times, five minutes apart (see `IndexedAxis`); runs of 1 in `test_label` are
/// the incidents. ASD names the kind of an anomaly in `anomaly_type.csv`; its interpretations, whose
/// last row counts as well, are only compared with the labels.
struct RowTableReader: SourceReader {
  /// Metrics per row.
  static let dimensions = 19

  let source: PublishedSource

  func read(into collector: inout TelemetryCollector) throws {
    let axis = IndexedAxis(step: source.interval)
    let root = source.dataset.root
    let trainRows = try readRows("\(root)train", from: 0, axis, &collector)
    let testRows = try readRows("\(root)test", from: trainRows, axis, &collector)
    let ending = source.dataset == .asd ? "txt" : "csv"
    let file = try source.open("\(root)test_label/\(source.part).\(ending)", &collector)
    let labels = try source.readLabels(file)
    guard labels.count == testRows else {
      throw IngestError.malformed(
        path: file.path, line: max(labels.count, 1),
        reason: "\(labels.count) labels for \(testRows) test rows")
    }
    let segments = segments(of: labels)
    let kinds = source.dataset == .asd ? try readKinds(segments, &collector) : [:]
    for (index, segment) in segments.enumerated() {
      let rows = trainRows + segment.lowerBound..<trainRows + segment.upperBound
      try collector.add(
        source.incident(
          index + 1, of: source.part, kind: kinds[segment] ?? "anomaly", axis.span(ofRows: rows)),
        place: "\(file.path):\(segment.lowerBound + 1)")
    }
    try collector.setTestStart(axis.time(ofRow: trainRows - 1), path: source.path)
  }

  /// Reads a part's rows and returns how many there are.
  private func readRows(
    _ folder: String, from first: Int, _ axis: IndexedAxis, _ collector: inout TelemetryCollector
  ) throws -> Int {
    let file = try source.open("\(folder)/\(source.part).csv", &collector)
    let columns = try (1...Self.dimensions).map { index in
      try collector.series.number(
        labels: ["__name__": "d\(index < 10 ? "0" : "")\(index)"], service: source.part,
        kind: .gauge, in: file)
    }
    var row = first
    try file.eachRecord { record in
      guard record.count == Self.dimensions else {
        throw IngestError.malformed(
          path: file.path, line: record.line,
          reason: "\(record.count) values, expected \(Self.dimensions)")
      }
      let time = axis.time(ofRow: row).milliseconds
      for (index, column) in columns.enumerated() {
        guard let value = Double(record.string(index)) else {
          throw IngestError.malformed(
            path: file.path, line: record.line,
            reason: "\(quoted(record.string(index))) is not a number")
        }
        try collector.series.append(value, at: time, to: column, line: record.line)
      }
      row += 1
    }
    guard row > first else {
      throw IngestError.malformed(path: file.path, line: 1, reason: "no rows")
    }
    return row - first
  }

  /// The kinds of segments as experts named them. A stretch that is no labelled segment is counted
  /// and left out, of the interpretations as well as of the kinds.
  private func readKinds(
    _ segments: [Range<Int>], _ collector: inout TelemetryCollector
  ) throws -> [Range<Int>: String] {
    var kinds: [Range<Int>: String] = [:]
    let known = try source.dataset.files(of: source.part, in: source.path)
    let interpretation = "interpretation_label/\(source.part).txt"
    if known.contains(interpretation) {
      let file = try source.open(interpretation, &collector)
      try file.eachRecord { record in
        let text = record.string(0).split(separator: ":").first.map(String.init) ?? ""
        let stretch = try stretch(text, file, record.line)
        guard !segments.contains(stretch) else { return }
        collector.note(
          "interpretation_without_segment", .skipped, in: file, line: record.line, detail: text)
      }
    }
    guard known.contains("anomaly_type.csv") else { return kinds }
    let file = try source.open("anomaly_type.csv", &collector)
    try file.eachRecord(after: ["dataset", "anomaly_segment", "anomaly_type"]) { record in
      guard record.count == 3, record.string(0) == source.part else { return }
      let stretch = try stretch(record.string(1), file, record.line)
      if segments.contains(stretch) {
        kinds[stretch] = record.string(2)
      } else {
        collector.note(
          "kind_without_segment", .skipped, in: file, line: record.line, detail: record.string(1))
      }
    }
    return kinds
  }

  /// `first-last`, both rows included.
  private func stretch(_ text: String, _ file: SourceText, _ line: Int) throws -> Range<Int> {
    let ends = text.split(separator: "-").map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last, last < .max
    else {
      throw IngestError.malformed(
        path: file.path, line: line, reason: "\(quoted(text)) is no stretch such as 760-765")
    }
    return first..<last + 1
  }
}
