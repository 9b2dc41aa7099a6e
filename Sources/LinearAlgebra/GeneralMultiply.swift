internal import COpenBLAS

/// Whether an operand is used as stored or transposed.
public enum Transposition: Sendable {
  /// As stored.
  case none
  /// Rows and columns exchanged.
  case transposed
}

/// The shape of a product C [rows × columns] = A [rows × inner] · B [inner × columns].
public struct ProductShape: Hashable, Sendable {
  /// Rows of A and C.
  public var rows: Int
  /// Columns of B and C.
  public var columns: Int
  /// Columns of A and rows of B.
  public var inner: Int

  /// Makes a shape.
  public init(rows: Int, columns: Int, inner: Int) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
  }
}

/// Keeps OpenBLAS on the calling thread; parallelism lives above the library.
///
/// Two library threads make small products slower and results depend on the machine.
let singleThreaded: Void = openblas_set_num_threads(1)

/// Computes C = alpha · op(A) · op(B) + beta · C with OpenBLAS.
///
/// - Parameters:
///   - shape: The sizes after transposition.
///   - a: op(A) is [rows × inner]; dense and row-major as stored.
///   - b: op(B) is [inner × columns]; dense and row-major as stored.
///   - c: [rows × columns], read only when `beta` is not 0.
/// - Precondition: Each operand holds at least its share of elements.
public func multiply(
  _ shape: ProductShape, alpha: Float = 1, _ a: Span<Float>, _ transA: Transposition = .none,
  _ b: Span<Float>, _ transB: Transposition = .none, beta: Float = 0,
  into c: inout MutableSpan<Float>
) {
  let (m, n, k) = (shape.rows, shape.columns, shape.inner)
  precondition(
    m >= 0 && n >= 0 && k >= 0 && a.count >= m * k && b.count >= k * n && c.count >= m * n,
    "\(m)×\(k) by \(k)×\(n) from \(a.count) and \(b.count) elements into \(c.count)")
  guard m > 0 && n > 0 else { return }
  _ = singleThreaded
  let leadingA = max(1, transA == .none ? k : m)
  let leadingB = max(1, transB == .none ? n : k)
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe c.withUnsafeMutableBufferPointer { c in
        unsafe cblas_sgemm(
          CblasRowMajor, transA == .none ? CblasNoTrans : CblasTrans,
          transB == .none ? CblasNoTrans : CblasTrans, blasint(m), blasint(n), blasint(k), alpha,
          a.baseAddress, blasint(leadingA), b.baseAddress, blasint(leadingB), beta,
          c.baseAddress, blasint(n))
      }
    }
  }
}
