internal import Telemetry

extension IngestReport {
  /// Counts the gaps of a column, [rows]: runs of cells without a value that lie between cells with
  /// one.
  mutating func countGaps(in values: [Double]) {
    var last: Int?
    for row in values.indices where !values[row].isNaN {
      if let last, row - last > 1 {
        gaps += 1
        gapCells += row - last - 1
      }
      last = row
    }
  }
}
