internal import CLAPACKE

/// Why a matrix has no Cholesky factor.
public enum CholeskyError: Error, Equatable, CustomStringConvertible {
  /// An element of the lower triangle is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// The leading block of `minor` rows and columns is not positive definite.
  case notPositiveDefinite(order: Int, minor: Int)

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .notFinite(let row, let column):
      "element (\(row), \(column)) of the symmetric matrix is not finite"
    case .notPositiveDefinite(let order, let minor):
      "the leading \(minor) of \(order) rows are not positive definite; raise the penalty or leave "
        + "out columns that repeat others"
    }
  }
}

/// The factor L of a symmetric positive definite matrix A = L Lᵀ (LAPACK `dpotrf`).
public struct CholeskyFactor: Hashable, Sendable {
  /// Rows and columns.
  public let order: Int
  /// L, row-major, lower triangular; what lies above the diagonal is not used, [order × order].
  private let elements: [Double]

  /// Factors a matrix.
  ///
  /// - Parameter matrix: Row-major, [order × order]. Only the lower triangle is used.
  /// - Throws: `CholeskyError` when it is not finite or not positive definite.
  /// - Precondition: `matrix.count == order * order`.
  public init(_ matrix: [Double], order: Int) throws(CholeskyError) {
    precondition(
      order >= 0 && matrix.count == order * order,
      "\(matrix.count) elements for a symmetric matrix of order \(order)")
    for row in 0..<order {
      for column in 0...row where !matrix[row * order + column].isFinite {
        throw .notFinite(row: row, column: column)
      }
    }
    self.order = order
    guard order > 0 else {
      elements = []
      return
    }
    _ = singleThreaded
    var factor = matrix
    // Our lower triangle is the upper one to LAPACK's column-major eye, and UᵀU is our L Lᵀ.
    let info = unsafe factor.withUnsafeMutableBufferPointer { a in
      unsafe LAPACKE_dpotrf(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(order), a.baseAddress, Int32(order))
    }
    guard info <= 0 else { throw .notPositiveDefinite(order: order, minor: Int(info)) }
    precondition(info == 0, "LAPACKE_dpotrf rejects argument \(-info) for order \(order)")
    elements = factor
  }

  /// The solutions x of A x = b (LAPACK `dpotrs`).
  ///
  /// - Parameter rightSides: The vectors b, one a row, [count × order].
  /// - Returns: The solutions, one a row, [count × order].
  /// - Precondition: A whole number of vectors.
  public func solve(_ rightSides: [Double]) -> [Double] {
    guard order > 0, !rightSides.isEmpty else { return [] }
    precondition(
      rightSides.count % order == 0, "\(rightSides.count) elements for vectors of \(order)")
    _ = singleThreaded
    var solution = rightSides
    let info = unsafe solution.withUnsafeMutableBufferPointer { b in
      unsafe LAPACKE_dpotrs(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(order),
        Int32(rightSides.count / order), elements, Int32(order), b.baseAddress, Int32(order))
    }
    precondition(info == 0, "LAPACKE_dpotrs rejects argument \(-info) for order \(order)")
    return solution
  }

  /// The solution y of L y = b by forward substitution (LAPACK `dtrtrs`): its squared length is
  /// bᵀ A⁻¹ b.
  ///
  /// - Precondition: `rightSide.count == order`.
  public func solveLower(_ rightSide: [Double]) -> [Double] {
    precondition(rightSide.count == order, "vector of \(rightSide.count) for order \(order)")
    guard order > 0 else { return [] }
    _ = singleThreaded
    var solution = rightSide
    let info = unsafe solution.withUnsafeMutableBufferPointer { b in
      unsafe LAPACKE_dtrtrs(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), CChar(UInt8(ascii: "T")),
        CChar(UInt8(ascii: "N")), Int32(order), 1, elements, Int32(order), b.baseAddress,
        Int32(order))
    }
    precondition(info == 0, "LAPACKE_dtrtrs rejects argument \(-info) for order \(order)")
    return solution
  }
}
