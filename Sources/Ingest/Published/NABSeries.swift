internal import Storage
public import Telemetry

/// A series of the Numenta Anomaly Benchmark row by row, as its scoring needs it: on a grid, rows that
/// share a time or lie between two cells would be lost.
public struct NABSeries: Sendable {
  /// The category and the name, `realKnownCause/nyc_taxi`.
  public let part: String
  /// Times as the file writes them.
  public let timestamps: [String]
  /// The same as instants, in UTC.
  public let times: [Timestamp]
  /// The values.
  public let values: [Double]
  /// The benchmark's windows as rows, in order of time.
  public let windows: [Range<Int>]

  /// Reads a series.
  ///
  /// - Parameter path: The dataset's folder.
  /// - Throws: `IngestError`.
  public init(part: String, in path: String) throws {
    let source = PublishedSource(dataset: .nab, path: path, part: part)
    var collector = TelemetryCollector(
      PublishedDataset.nab.configuration(part: part, in: path)
    ) { _ in }
    let reader = NABReader(source: source)
    var rows: (texts: [String], times: [Timestamp], values: [Double]) = ([], [], [])
    try reader.eachRow(of: source.open("data/\(part).csv", &collector)) { record, time, value in
      rows.texts.append(record.string(0))
      rows.times.append(time)
      rows.values.append(value)
    }
    let windows = try reader.windows(in: source.open("labels/combined_windows.json", &collector))
    self.part = part
    (timestamps, times, values) = rows
    self.windows = windows.compactMap { window in
      let inside = rows.times.indices.filter {
        window[0] <= rows.times[$0] && rows.times[$0] <= window[1]
      }
      return inside.first.flatMap { first in inside.last.map { first..<$0 + 1 } }
    }.sorted { $0.lowerBound < $1.lowerBound }
  }
}
