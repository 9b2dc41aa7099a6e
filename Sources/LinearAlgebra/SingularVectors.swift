internal import CLAPACKE

/// Singular values and right singular vectors of a matrix A = Σ σ u vᵀ.
public struct SingularVectors: Hashable, Sendable {
  /// Singular values σ in descending order, [min(rows, columns)].
  public let values: [Double]
  /// Orthonormal right singular vectors v, one a row in the order of `values`,
  /// [min(rows, columns) × columns].
  ///
  /// A vector's sign is free in theory; here its element of largest magnitude is positive.
  public let vectors: [Double]
}

/// Decomposes a matrix by divide and conquer (LAPACK `dgesdd`), its left vectors left out of the
/// result.
///
/// - Parameter matrix: Row-major, [rows × columns].
/// - Throws: `EigenError` for an element that is not finite, and when LAPACK gives up.
/// - Precondition: `matrix.count == rows * columns`.
public func singularVectors(
  _ matrix: [Double], rows: Int, columns: Int
) throws(EigenError) -> SingularVectors {
  precondition(
    rows >= 0 && columns >= 0 && matrix.count == rows * columns,
    "\(matrix.count) elements for a \(rows)×\(columns) matrix")
  if let index = matrix.firstIndex(where: { !$0.isFinite }) {
    throw .notFinite(row: index / columns, column: index % columns)
  }
  let count = min(rows, columns)
  guard count > 0 else { return SingularVectors(values: [], vectors: []) }
  _ = singleThreaded
  var elements = matrix
  var values = [Double](repeating: 0, count: count)
  // To LAPACK's column-major eye the matrix is its transpose [columns × rows], whose left vectors,
  // one a column, are our right ones, one a row.
  var left = [Double](repeating: 0, count: columns * count)
  var right = [Double](repeating: 0, count: count * rows)
  let info = unsafe elements.withUnsafeMutableBufferPointer { a in
    unsafe values.withUnsafeMutableBufferPointer { s in
      unsafe left.withUnsafeMutableBufferPointer { u in
        unsafe right.withUnsafeMutableBufferPointer { v in
          unsafe LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "S")), Int32(columns), Int32(rows),
            a.baseAddress, Int32(columns), s.baseAddress, u.baseAddress, Int32(columns),
            v.baseAddress, Int32(count))
        }
      }
    }
  }
  switch info {
  case 0: break
  case LAPACK_WORK_MEMORY_ERROR, LAPACK_TRANSPOSE_MEMORY_ERROR: throw .outOfMemory(order: columns)
  case 1...: throw .notConverged(order: columns, count: Int(info))
  default: preconditionFailure("LAPACKE_dgesdd rejects argument \(-info)")
  }
  for index in 0..<count {
    let range = index * columns..<(index + 1) * columns
    let largest = left[range].max { abs($0) < abs($1) } ?? 0
    if largest < 0 { for place in range { left[place] = -left[place] } }
  }
  return SingularVectors(values: values, vectors: left)
}
