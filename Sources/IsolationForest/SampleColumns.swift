internal import CVectorMath
internal import LinearAlgebra

/// The rows of a tree's subsample, copied together at the pace of other work: they lie anywhere in
/// memory, and waiting for them takes as long as growing a tree on them.
struct GatheredRows {
  private var drawn: [UInt32] = []
  private var done = 0
  /// [drawn × columns], row-major.
  private(set) var elements: [Float] = []

  /// Starts on other rows, in the same memory.
  mutating func begin(_ drawn: [UInt32], of rows: Matrix) {
    precondition(
      drawn.allSatisfy { $0 < rows.rows }, "\(drawn.count) of \(rows.rows) rows")
    (self.drawn, done) = (drawn, 0)
    if elements.count != drawn.count * rows.columns {
      elements = Array(repeating: 0, count: drawn.count * rows.columns)
    }
  }

  /// Copies some more rows, all that are left at most.
  ///
  /// - Precondition: `rows` are those of `begin`.
  mutating func copy(_ count: Int, of rows: Matrix) {
    let end = min(done + count, drawn.count)
    guard end > done, rows.columns > 0 else { return }
    precondition(elements.count == drawn.count * rows.columns, "\(rows.columns) columns")
    unsafe ap_copy_rows(rows.columns, rows.elements, drawn.count, drawn, done, end, &elements)
    done = end
  }

  /// Copies all that are left.
  mutating func finish(of rows: Matrix) { copy(drawn.count - done, of: rows) }
}

/// The rows of a tree's subsample side by side as columns, and which of them each node has: with
/// the rows to come the only place that hands rows to the C kernels.
struct SampleColumns {
  /// Rows of the subsample.
  private(set) var count = 0
  /// Numbers within the subsample, grouped by node.
  private(set) var members: [UInt32] = []
  /// The extremes of each column, NaN left out; +∞ and −∞ in a column of nothing but NaN.
  private(set) var least: [Float] = []
  private(set) var greatest: [Float] = []

  private let columns: Int
  private var stride = 0
  private var values: [Float] = []
  private var scratch: [UInt32] = []

  init(columns: Int) { self.columns = columns }

  /// Takes rows [n × columns], row-major; at least one.
  ///
  /// - Returns: Whether any value is NaN, and whether any is infinite.
  mutating func take(_ rows: [Float], count newCount: Int) -> (nan: Bool, infinity: Bool) {
    precondition(
      newCount > 0 && rows.count == newCount * columns,
      "\(rows.count) values for \(newCount) rows of \(columns)")
    if count != newCount {
      count = newCount
      // A distance that is an odd number of cache lines keeps columns out of each other's way.
      let lines = (count + 15) / 16
      stride = (lines | 1) * 16
      values = Array(repeating: 0, count: columns * stride)
      least = Array(repeating: 0, count: columns)
      greatest = Array(repeating: 0, count: columns)
      scratch = Array(repeating: 0, count: count)
    }
    members = Array(0..<UInt32(count))
    guard columns > 0 else { return (false, false) }
    let found = unsafe ap_turn_rows(columns, rows, count, stride, &values, &least, &greatest)
    return (Int(found) & AP_HAS_NAN != 0, Int(found) & AP_HAS_INFINITY != 0)
  }

  /// A column, [count].
  func column(_ column: Int) -> ArraySlice<Float> {
    values[column * stride..<column * stride + count]
  }

  /// The extremes of a column within a node; of a column without NaN.
  func extremes(of column: Int, in range: Range<Int>) -> (least: Float, greatest: Float) {
    check(column, range)
    var (least, greatest) = (Float(0), Float(0))
    unsafe values.withUnsafeBufferPointer { values in
      unsafe members.withUnsafeBufferPointer { members in
        guard let values = values.baseAddress, let members = members.baseAddress else { return }
        unsafe ap_member_extremes(
          values + column * stride, range.count, members + range.lowerBound, &least, &greatest)
      }
    }
    return (least, greatest)
  }

  /// Moves a node's rows at or below a threshold to its front and returns where the others begin.
  mutating func divide(_ range: Range<Int>, at threshold: Float, of column: Int) -> Int {
    check(column, range)
    let offset = column * stride
    return unsafe values.withUnsafeBufferPointer { values in
      unsafe members.withUnsafeMutableBufferPointer { members in
        unsafe scratch.withUnsafeMutableBufferPointer { scratch in
          guard let values = values.baseAddress, let members = members.baseAddress,
            let scratch = scratch.baseAddress
          else { return range.lowerBound }
          return unsafe range.lowerBound
            + ap_divide_members(
              values + offset, threshold, range.count, members + range.lowerBound, scratch)
        }
      }
    }
  }

  private func check(_ column: Int, _ range: Range<Int>) {
    precondition(
      column >= 0 && column < columns && !range.isEmpty && range.lowerBound >= 0
        && range.upperBound <= count,
      "rows \(range) of \(count), column \(column) of \(columns)")
  }
}
