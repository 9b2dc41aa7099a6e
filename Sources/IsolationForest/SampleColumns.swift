internal import CVectorMath
internal import LinearAlgebra

/// Rows that the next tree will be grown on, asked for while another is grown: rows lie anywhere in
/// memory, and waiting for them takes as long as growing a tree on them.
struct UpcomingRows {
  private let rows: Matrix
  private let drawn: [UInt32]
  private var next = 0

  init(_ rows: Matrix, drawn: [UInt32]) { (self.rows, self.drawn) = (rows, drawn) }

  /// Asks for some more rows, so that they are near when their tree's turn comes.
  mutating func fetch(_ count: Int) {
    let end = min(next + count, drawn.count)
    unsafe rows.elements.withUnsafeBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      while next < end {
        let begin = Int(drawn[next]) * rows.columns
        precondition(begin + rows.columns <= elements.count, "row \(drawn[next])")
        unsafe ap_fetch_row(rows.columns, base + begin)
        next += 1
      }
    }
  }
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

  /// Takes rows together.
  ///
  /// - Returns: Whether any value is NaN, and whether any is infinite.
  mutating func gather(_ sample: [UInt32], of rows: Matrix) -> (nan: Bool, infinity: Bool) {
    precondition(
      rows.columns == columns && !sample.isEmpty && sample.allSatisfy { $0 < rows.rows },
      "\(sample.count) of \(rows.rows)×\(rows.columns) values in \(columns) columns")
    if count != sample.count {
      count = sample.count
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
    let found = unsafe ap_gather_columns(
      columns, rows.elements, count, sample, stride, &values, &least, &greatest)
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
