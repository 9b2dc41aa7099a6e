internal import Storage
internal import Telemetry

/// Reads a series of the Numenta Anomaly Benchmark: `timestamp,value`, instants in UTC.
///
/// The windows of `combined_windows.json`, both ends included, are the incidents. The first 15 % of
/// the rows are for training: the benchmark does not score them.
struct NABReader: SourceReader {
  let source: PublishedSource

  func read(into collector: inout TelemetryCollector) throws {
    let times = try readRows(&collector)
    let file = try source.open("labels/combined_windows.json", &collector)
    let windows = try windows(in: file)
    for (index, window) in windows.enumerated() {
      // Ranges leave out their first instant; that of a window belongs to it.
      let start = window[0] - TimeSpan(milliseconds: 1)
      try collector.add(
        source.incident(index + 1, of: source.partName, (start, window[1])),
        place: "\(file.path), \(source.part)")
    }
    try collector.setTestStart(times[max(times.count * 15 / 100 - 1, 0)], path: source.path)
  }

  private func readRows(_ collector: inout TelemetryCollector) throws -> [Timestamp] {
    let file = try source.open("data/\(source.part).csv", &collector)
    let number = try collector.series.number(
      labels: ["__name__": "value"], service: source.partName, kind: .gauge, in: file)
    var times: [Timestamp] = []
    try eachRow(of: file) { record, time, value in
      try collector.series.append(value, at: time.milliseconds, to: number, line: record.line)
      times.append(time)
    }
    return times
  }

  /// The first and last instant of each window of the series.
  func windows(in file: SourceText) throws -> [[Timestamp]] {
    var windows: [[Timestamp]]?
    var reader = JSONReader(try file.readAll(), source: file.path)
    try reader.object { key, reader in
      guard key == "\(source.part).csv" else { return try reader.skip() }
      var found: [[Timestamp]] = []
      try reader.array { reader in
        var ends: [Timestamp] = []
        try reader.array { reader in
          let text = try reader.string()
          guard let time = Timestamp(rfc3339: text) else {
            throw reader.error("\(quoted(text)) is no instant")
          }
          ends.append(time)
        }
        guard ends.count == 2, ends[0] <= ends[1] else {
          throw reader.error("a window needs two instants, the first not after the second")
        }
        found.append(ends)
      }
      windows = found
    }
    guard let windows else {
      throw IngestError.missingPart(
        path: file.path, expected: "the windows of \(quoted("\(source.part).csv"))")
    }
    return windows
  }

  /// Calls a function with each row.
  func eachRow(
    of file: SourceText, _ body: (CSVRecords.Record, Timestamp, Double) throws -> Void
  ) throws {
    var isEmpty = true
    try file.eachRecord(after: ["timestamp", "value"]) { record in
      guard record.count == 2, let time = Timestamp(rfc3339: record.string(0)),
        let value = Double(record.string(1))
      else {
        throw IngestError.malformed(
          path: file.path, line: record.line, reason: "no row of an instant and a number")
      }
      isEmpty = false
      try body(record, time, value)
    }
    guard !isEmpty else {
      throw IngestError.malformed(path: file.path, line: 1, reason: "no rows")
    }
  }
}
