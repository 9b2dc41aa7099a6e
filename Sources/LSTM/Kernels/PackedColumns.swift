internal import CLSTMKernels

/// A matrix [rows × columns] packed for products from the left.
struct PackedColumns: Sendable {
  /// Rows, which are the terms of every sum.
  let rows: Int
  /// Columns.
  let columns: Int
  private let path = ap_lstm_best_path()
  private var packed: [Float]

  /// Packs a row-major matrix.
  init(_ matrix: [Float], rows: Int, columns: Int) {
    precondition(
      rows > 0 && columns > 0 && matrix.count == rows * columns,
      "\(matrix.count) values for \(rows)×\(columns)")
    (self.rows, self.columns) = (rows, columns)
    packed = Array(repeating: 0, count: ap_lstm_columns_size(path, rows, columns))
    unsafe ap_lstm_pack_columns(path, rows, columns, matrix, &packed)
  }

  /// Adds left · matrix to the result, in the order of the rows; a lane's sums have the same bits
  /// whichever lanes are beside it.
  ///
  /// - Parameters:
  ///   - left: [lanes × rows], from its start on.
  ///   - result: [lanes × columns], from its start on.
  func addProduct(lanes: Int, _ left: [Float], to result: inout [Float]) {
    precondition(
      lanes >= 0 && left.count >= lanes * rows && result.count >= lanes * columns,
      "\(lanes) lanes in \(left.count) and \(result.count) values")
    unsafe ap_lstm_product(path, lanes, rows, columns, left, packed, 1, &result)
  }
}
