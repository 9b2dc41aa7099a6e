internal import COpenBLAS

/// Means and covariances of the columns of a matrix.
///
///     covariance[i, j] = Σ (x[i] − mean[i]) (x[j] − mean[j]) / (n − 1)
///
/// A value that is NaN or infinite counts as the mean of its column's finite values, so that it
/// contributes nothing.
public struct Covariance: Hashable, Sendable {
  /// Mean of the finite values of each column, 0 for a column without any, [columns].
  public let means: [Double]
  /// The covariances, symmetric, [columns × columns].
  public let elements: [Double]

  /// Rows converted to Double at a time: bounds the memory of the copy.
  private static let block = 512

  /// Summarises the rows of a matrix [n × columns]. All zero when n is 0, covariances when n is 1.
  public init(of rows: Matrix) {
    let order = rows.columns
    let means = Self.means(of: rows)
    var sums = [Double](repeating: 0, count: order * order)
    _ = singleThreaded
    var start = 0
    while start < rows.rows, order > 0 {
      let end = min(start + Self.block, rows.rows)
      var centred: [Double] = []
      centred.reserveCapacity((end - start) * order)
      for row in start..<end {
        for (value, mean) in zip(rows.row(row), means) {
          centred.append(value.isFinite ? Double(value) - mean : 0)
        }
      }
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        unsafe cblas_dsyrk(
          CblasRowMajor, CblasUpper, CblasTrans, blasint(order), blasint(end - start), 1, centred,
          blasint(order), 1, sums.baseAddress, blasint(order))
      }
      start = end
    }
    let divisor = Double(max(1, rows.rows - 1))
    for i in 0..<order {
      for j in i..<order {
        sums[i * order + j] /= divisor
        sums[j * order + i] = sums[i * order + j]
      }
    }
    (self.means, self.elements) = (means, sums)
  }

  /// Mean of the finite values of each column, 0 for a column without any, [columns].
  public static func means(of rows: Matrix) -> [Double] {
    var sums = [Double](repeating: 0, count: rows.columns)
    var counts = [Int](repeating: 0, count: rows.columns)
    for row in 0..<rows.rows {
      for (column, value) in rows.row(row).enumerated() where value.isFinite {
        sums[column] += Double(value)
        counts[column] += 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }
  }
}
