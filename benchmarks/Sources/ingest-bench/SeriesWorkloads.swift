internal import Ingest

/// `prom`: a range query's JSON into labels, times and values.
struct PrometheusWorkload: SeriesWorkload {
  let source: SourceConfiguration

  init(data: String) { source = .prometheus(path: "\(data)/prom.json") }
}

/// `csv`: the same values in a wide table.
struct CSVWorkload: SeriesWorkload {
  let source: SourceConfiguration

  init(data: String) {
    source = .csv(CSVSource(path: "\(data)/wide.csv", layout: .wide, timeFormat: .unixSeconds))
  }
}

/// A file of series that is read into columns.
protocol SeriesWorkload: Workload where Result == [SourceColumns.Series] {
  var source: SourceConfiguration { get }
}

extension SeriesWorkload {
  func run() throws -> [SourceColumns.Series] { try readColumns(source).series }

  func facts(of result: [SourceColumns.Series]) -> [String: Double] {
    [
      "series": Double(result.count),
      "points": Double(result.reduce(0) { $0 + $1.values.count }),
      "label_bytes": Double(result.reduce(0) { $0 + labelBytes($1.labels) }),
      "sum": result.reduce(0) { $0 + $1.values.reduce(0, +) },
    ]
  }

  /// All times in milliseconds, then all values as their bits.
  func dump(of result: [SourceColumns.Series]) -> [UInt8] {
    var bytes: [UInt8] = []
    for series in result { for time in series.times { bytes.append(bytesOf: time) } }
    for series in result { for value in series.values { bytes.append(bytesOf: value.bitPattern) } }
    return bytes
  }
}
