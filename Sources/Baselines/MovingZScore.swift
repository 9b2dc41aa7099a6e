public import LinearAlgebra

/// Scores a row by its largest deviation from the rows just before it: the classic first attempt,
/// and the least that a learned detector has to beat.
///
///     z[c] = |x[c] − mean| / max(deviation, 0.03 · |mean|, 1e-6),    score = max z[c]
///
/// over the values that column c had in the last `window` rows, without the current one; deviation
/// is that of the sample (n − 1). The lower bounds keep windows of hardly moving values from turning
/// every move into an enormous deviation. Values that are NaN or infinite are missing.
public struct MovingZScore: Hashable, Sendable {
  /// Rows looked back on.
  public let window: Int
  /// Columns of a row.
  public let columns: Int
  /// Past values, [columns × window]; NaN where missing or not yet seen.
  private var history: [Float]
  /// Where the next row is written in each column's window.
  private var slot = 0

  /// Starts without a past.
  ///
  /// - Precondition: `window >= 2` and `columns >= 0`.
  public init(window: Int, columns: Int) {
    precondition(window >= 2 && columns >= 0, "window of \(window) for \(columns) columns")
    (self.window, self.columns) = (window, columns)
    history = Array(repeating: .nan, count: window * columns)
  }

  /// Scores a row [columns] against the past, then makes it part of the past.
  ///
  /// A column whose window holds fewer than half of its values, or whose value is missing, takes no
  /// part. Without any column the score is 0.
  ///
  /// - Precondition: `row.count == columns`.
  public mutating func score(_ row: ArraySlice<Float>) -> Float {
    precondition(row.count == columns, "row of \(row.count) for \(columns) columns")
    var largest = 0.0
    for (column, value) in row.enumerated() {
      let place = column * window
      if value.isFinite, let past = summary(history[place..<place + window]) {
        let scale = max(past.deviation, 0.03 * abs(past.mean), 1e-6)
        largest = max(largest, abs(Double(value) - past.mean) / scale)
      }
      history[place + slot] = value.isFinite ? value : .nan
    }
    slot = (slot + 1) % window
    return finiteScore(largest)
  }

  /// Scores rows [n × columns] in order, [n].
  public mutating func scores(_ rows: Matrix) -> [Float] {
    (0..<rows.rows).map { score(rows.row($0)) }
  }

  /// Mean and deviation in two passes: a running sum would drift over long streams.
  private func summary(_ past: ArraySlice<Float>) -> (mean: Double, deviation: Double)? {
    var (sum, count) = (0.0, 0)
    for value in past where !value.isNaN {
      sum += Double(value)
      count += 1
    }
    guard count >= 2, 2 * count >= window else { return nil }
    let mean = sum / Double(count)
    var squares = 0.0
    for value in past where !value.isNaN {
      squares += (Double(value) - mean) * (Double(value) - mean)
    }
    return (mean, (squares / Double(count - 1)).squareRoot())
  }
}
