internal import Telemetry

extension DatasetFile {
  /// How many lines a count may claim; sums of such counts do not overflow.
  private static let lineCounts: ClosedRange<Int64> = 1...(1 << 40)

  /// What a service logged.
  static func logs(
    _ reader: borrowing SnapshotReader, _ place: String, rows: Int
  ) throws(DatasetStoreError) -> LogActivity {
    try reader.require(place)
    let texts = try reader.texts("\(place)/patterns")
    let levels = try reader.bytes("\(place)/levels", count: texts.count)
    var patterns: [LogPattern] = []
    for (text, number) in zip(texts, levels) {
      guard let level = LogLevel(rawValue: Int(number)) else {
        throw reader.malformed("\(place)/levels", "unknown level \(number)")
      }
      patterns.append(LogPattern(text: text, level: level))
    }
    let row = try reader.integers("\(place)/row")
    let pattern = try reader.integers("\(place)/pattern", count: row.count)
    let lines = try reader.integers("\(place)/lines", count: row.count)
    var counts: [LogActivity.Count] = []
    counts.reserveCapacity(row.count)
    for index in row.indices {
      guard 0..<Int64(rows) ~= row[index], 0..<Int64(patterns.count) ~= pattern[index],
        lineCounts ~= lines[index]
      else { throw reader.malformed(place, "count \(index) lies outside of rows or patterns") }
      counts.append(
        .init(row: Int(row[index]), pattern: Int(pattern[index]), lines: Int(lines[index])))
    }
    let recorded = try reader.bytes("\(place)/recorded", count: rows)
    return LogActivity(
      patterns: patterns, counts: counts, recorded: recorded.map { $0 != 0 },
      transitions: try reader.has("\(place)/transitions")
        ? transitions(reader, "\(place)/transitions", rows: rows, patterns: patterns.count) : nil)
  }

  private static func transitions(
    _ reader: borrowing SnapshotReader, _ place: String, rows: Int, patterns: Int
  ) throws(DatasetStoreError) -> [LogActivity.Transition] {
    try reader.require(place)
    let row = try reader.integers("\(place)/row")
    let from = try reader.integers("\(place)/from", count: row.count)
    let to = try reader.integers("\(place)/to", count: row.count)
    let lines = try reader.integers("\(place)/lines", count: row.count)
    var transitions: [LogActivity.Transition] = []
    transitions.reserveCapacity(row.count)
    for index in row.indices {
      guard 0..<Int64(rows) ~= row[index], 0..<Int64(patterns) ~= from[index],
        0..<Int64(patterns) ~= to[index], lineCounts ~= lines[index]
      else {
        throw reader.malformed(place, "transition \(index) lies outside of rows or patterns")
      }
      transitions.append(
        .init(
          row: Int(row[index]), from: Int(from[index]), to: Int(to[index]),
          lines: Int(lines[index])))
    }
    return transitions
  }
}
