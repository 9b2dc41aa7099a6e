internal import LinearAlgebra

/// Computes C = alpha · op(A) · op(B) + beta · C on parts of larger arrays.
///
/// Takes arrays where `LinearAlgebra.multiply` takes spans: Swift lets a method pass two stored
/// properties of `self` to one call, but not hold spans of both.
///
/// - Parameters:
///   - shape: The sizes after transposition.
///   - rangeA: Where A lies in `a`, [rows × inner] elements.
///   - rangeB: Where B lies in `b`, [inner × columns] elements.
///   - rangeC: Where C lies in `c`, [rows × columns] elements.
func multiply(
  _ shape: ProductShape, alpha: Float = 1, _ a: [Float], at rangeA: Range<Int>,
  _ transA: Transposition, _ b: [Float], at rangeB: Range<Int>, _ transB: Transposition,
  beta: Float = 0, into c: inout [Float], at rangeC: Range<Int>
) {
  precondition(
    rangeA.count == shape.rows * shape.inner && rangeB.count == shape.inner * shape.columns
      && rangeC.count == shape.rows * shape.columns,
    "\(shape) from \(rangeA) and \(rangeB) into \(rangeC)")
  var array = c.mutableSpan
  // Swift 6.3 spells the split of a mutable span like this (SE-0467); the only use is here.
  var part = array._mutatingExtracting(rangeC)
  LinearAlgebra.multiply(
    shape, alpha: alpha, a.span.extracting(rangeA), transA, b.span.extracting(rangeB), transB,
    beta: beta, into: &part)
}

/// Sums the rows of a matrix, row after row: sums = scale · Σ rows.
///
/// - Parameters:
///   - range: Where the matrix lies in `matrix`, [any × columns] row-major.
///   - sumRange: Where the sums lie in `sums`, [columns].
func sumRows(
  of matrix: [Float], at range: Range<Int>, scale: Float, into sums: inout [Float],
  at sumRange: Range<Int>
) {
  let (columns, begin) = (sumRange.count, sumRange.lowerBound)
  precondition(
    columns > 0 && range.count % columns == 0 && sumRange.upperBound <= sums.count,
    "rows of \(columns) in \(range), sums at \(sumRange) of \(sums.count)")
  let elements = matrix.span.extracting(range)
  var sums = sums.mutableSpan
  for column in 0..<columns { sums[begin + column] = 0 }
  for row in 0..<range.count / columns {
    for column in 0..<columns { sums[begin + column] += elements[row * columns + column] }
  }
  for column in 0..<columns { sums[begin + column] *= scale }
}
