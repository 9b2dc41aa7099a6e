internal import CLAPACKE

/// Why a matrix could not be decomposed.
public enum EigenError: Error, Equatable, CustomStringConvertible {
  /// An element is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// The iteration left `count` eigenvalues unfound.
  case notConverged(order: Int, count: Int)
  /// LAPACK found no memory for its workspace.
  case outOfMemory(order: Int)

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .notFinite(let row, let column):
      "element (\(row), \(column)) of the symmetric matrix is not finite"
    case .notConverged(let order, let count):
      "\(count) eigenvalues of a \(order)×\(order) matrix did not converge; rescale its columns"
    case .outOfMemory(let order):
      "no memory to decompose a \(order)×\(order) matrix; use fewer columns"
    }
  }
}

/// Eigenvalues and eigenvectors of a real symmetric matrix A = Σ λ v vᵀ.
public struct SymmetricEigen: Hashable, Sendable {
  /// Eigenvalues λ in descending order, [order].
  public let values: [Double]
  /// Orthonormal eigenvectors, one a row in the order of `values`, [order × order].
  ///
  /// A vector's sign is free in theory; here its element of largest magnitude is positive.
  public let vectors: [Double]

  /// One eigenvector, [order].
  public func vector(_ index: Int) -> ArraySlice<Double> {
    precondition(index >= 0 && index < values.count, "vector \(index) of \(values.count)")
    return vectors[index * values.count..<(index + 1) * values.count]
  }
}

/// Largest order whose workspace of 1 + 6n + 2n² elements LAPACK's 32-bit integers can count.
private let largestOrder = 32_000

/// Decomposes a symmetric matrix by divide and conquer (LAPACK `dsyevd`, Cuppen 1981).
///
/// - Parameters:
///   - matrix: Row-major, [order × order]. Only the upper triangle with the diagonal is used.
///   - order: Rows and columns, at most 32,000.
/// - Precondition: `matrix.count == order * order`.
public func symmetricEigen(_ matrix: [Double], order: Int) throws(EigenError) -> SymmetricEigen {
  precondition(
    order >= 0 && order <= largestOrder && matrix.count == order * order,
    "\(matrix.count) elements for a symmetric matrix of order \(order)")
  if let index = matrix.firstIndex(where: { !$0.isFinite }) {
    throw .notFinite(row: index / order, column: index % order)
  }
  guard order > 0 else { return SymmetricEigen(values: [], vectors: []) }
  _ = singleThreaded
  var ascending = [Double](repeating: 0, count: order)
  var columns = matrix
  // Our upper triangle is the lower one to LAPACK's column-major eye, and its eigenvectors, one a
  // column, are rows to ours: no transposition on either side.
  let info = unsafe columns.withUnsafeMutableBufferPointer { a in
    unsafe ascending.withUnsafeMutableBufferPointer { w in
      unsafe LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(order),
        a.baseAddress, Int32(order), w.baseAddress)
    }
  }
  switch info {
  case 0: break
  case LAPACK_WORK_MEMORY_ERROR, LAPACK_TRANSPOSE_MEMORY_ERROR: throw .outOfMemory(order: order)
  case 1...: throw .notConverged(order: order, count: Int(info))
  default: preconditionFailure("LAPACKE_dsyevd rejects argument \(-info) for order \(order)")
  }
  var vectors: [Double] = []
  vectors.reserveCapacity(columns.count)
  for index in (0..<order).reversed() {
    let vector = columns[index * order..<(index + 1) * order]
    let largest = vector.max { abs($0) < abs($1) } ?? 0
    vectors.append(contentsOf: largest < 0 ? vector.map { -$0 } : Array(vector))
  }
  return SymmetricEigen(values: ascending.reversed(), vectors: vectors)
}
