/// The last rows of a stream, the latest first.
public struct LagWindow: Hashable, Sendable {
  /// Rows held at most.
  public let lags: Int
  /// Columns of a row.
  public let columns: Int
  /// The rows, the latest first; NaN before the first, [lags × columns].
  public private(set) var elements: [Float]
  /// Rows pushed since the start or the last `clear`, at most `lags`.
  public private(set) var count = 0

  /// Whether every row has been pushed.
  public var isFull: Bool { count == lags }

  /// Starts without rows.
  ///
  /// - Precondition: `lags >= 1` and `columns >= 0`.
  public init(lags: Int, columns: Int) {
    precondition(lags >= 1 && columns >= 0, "\(lags) lags of \(columns) columns")
    (self.lags, self.columns) = (lags, columns)
    elements = Array(repeating: .nan, count: lags * columns)
  }

  /// Adds the next row [columns] and forgets the oldest.
  ///
  /// - Precondition: `row.count == columns`.
  public mutating func push(_ row: [Float]) {
    precondition(row.count == columns, "row of \(row.count) for \(columns) columns")
    elements.removeLast(columns)
    elements.insert(contentsOf: row, at: 0)
    count = min(lags, count + 1)
  }

  /// Forgets all rows, as after a gap.
  public mutating func clear() {
    for index in elements.indices { elements[index] = .nan }
    count = 0
  }
}
