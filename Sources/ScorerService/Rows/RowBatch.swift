internal import Features
internal import Telemetry

/// Rows of a request, by the places of their services in a fleet.
struct RowBatch {
  /// One row.
  struct Row {
    /// The service's place; nil for one that the model does not know.
    var place: Int?
    var time: Timestamp
    /// Its values in `RowBatch.values`, in the order of the service's columns; those beyond are left
    /// out and missing ones are NaN.
    var values: Range<Int>
    var logs: [(pattern: LogPattern, lines: Int)]?
    var transitions: [(from: LogPattern, to: LogPattern, lines: Int)]?
  }

  var rows: [Row] = []
  var values: [Double] = []

  /// Most rows of a request, whatever its size.
  static let mostRows = 1 << 20

  /// A row's metrics for a service of some columns.
  func metrics(_ row: Row, columns: Int) -> [Double] {
    if row.values.count == columns { return Array(values[row.values]) }
    return Array(values[row.values].prefix(columns))
      + Array(repeating: .nan, count: max(0, columns - row.values.count))
  }
}
