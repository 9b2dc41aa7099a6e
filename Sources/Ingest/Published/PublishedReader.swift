internal import Storage
internal import Telemetry

/// The reader of a part of a published dataset.
func publishedReader(_ source: PublishedSource) -> any SourceReader {
  switch source.dataset {
  case .asd, .jumpstarter: RowTableReader(source: source)
  case .cloudMonitoring: CloudMonitoringReader(source: source)
  case .logSequences: LogSequenceReader(source: source)
  case .loghub: LogHubReader(source: source)
  case .msl: MSLReader(source: source)
  case .nab: NABReader(source: source)
  case .nezhaTrainTicket, .prometheusExport, .smd:
    reader(for: source.dataset.configuration(part: source.part, in: source.path).sources[0])
  }
}

/// A time axis for rows that have no times: one step apart from 2000-01-01T00:00:00Z on, each row
/// named by the end of its step. Training rows come first, test rows follow on.
struct IndexedAxis {
  let step: TimeSpan

  /// The end of a row's step.
  func time(ofRow row: Int) -> Timestamp { SMDReader.epoch + step * (row + 1) }

  /// The time that consecutive rows cover: after the first instant up to the second.
  ///
  /// - Precondition: At least one row.
  func span(ofRows rows: Range<Int>) -> (start: Timestamp, end: Timestamp) {
    (time(ofRow: rows.lowerBound) - step, time(ofRow: rows.upperBound - 1))
  }
}

/// The maximal runs of true.
func segments(of labels: [Bool]) -> [Range<Int>] {
  var segments: [Range<Int>] = []
  var start: Int?
  for (index, label) in labels.enumerated() {
    if label {
      start = start ?? index
    } else if let begin = start {
      segments.append(begin..<index)
      start = nil
    }
  }
  if let start { segments.append(start..<labels.count) }
  return segments
}

/// The id of a part's incident by its number from 1: `omi-1-03`.
func incidentID(_ part: some StringProtocol, _ number: Int) -> String {
  "\(part)-\(number < 10 ? "0" : "")\(number)"
}

extension SourceText {
  /// Calls a function with every record of comma-separated values.
  ///
  /// - Parameter header: What the first record has to be, which is left out then; nil where there
  ///   is no header.
  /// - Throws: `IngestError.wrongHeader`, `.malformed` for a record that is too long, and what `body`
  ///   throws.
  func eachRecord(
    after header: [String]? = nil, _ body: (CSVRecords.Record) throws -> Void
  ) throws {
    var records = try CSVRecords(self)
    var record = CSVRecords.Record()
    if let header {
      let found = try records.next(&record) ? (0..<record.count).map { record.string($0) } : []
      guard found == header else {
        throw IngestError.wrongHeader(
          path: path, found: found.joined(separator: ","),
          expected: "'\(header.joined(separator: ","))'")
      }
    }
    while try records.next(&record) {
      try record.requireFields(in: self)
      try record.requireClosedQuotes(in: self)
      try body(record)
    }
  }
}

extension PublishedSource {
  /// The part's name without its category.
  var partName: String { String(part.split(separator: "/").last ?? "") }

  /// Opens a file of the dataset, plain or as gzip.
  ///
  /// - Parameter name: Relative to the folder, without `.gz`.
  func open(_ name: String, _ collector: inout TelemetryCollector) throws -> SourceText {
    try collector.open(try dataset.file(name, in: path), type: dataset.rawValue)
  }

  /// The incident of a labelled stretch.
  func incident(
    _ number: Int, of service: String, kind: String = "anomaly",
    _ span: (start: Timestamp, end: Timestamp)
  ) -> Incident {
    Incident(
      id: incidentID(service, number), service: service, kind: kind, start: span.start,
      resolved: span.end)
  }

  /// Reads a 0 or 1 per line.
  func readLabels(_ file: SourceText) throws -> [Bool] {
    var labels: [Bool] = []
    try file.eachRecord { record in
      let text = record.string(0)
      guard record.count == 1, text == "0" || text == "1" else {
        throw IngestError.malformed(
          path: file.path, line: record.line, reason: "\(quoted(text)) is not a label 0 or 1")
      }
      labels.append(text == "1")
    }
    return labels
  }
}
