import LinearAlgebra
import Testing

@Suite struct CholeskyFactorTests {
  /// A random matrix B Bᵀ + I of an order.
  private func positiveDefinite(_ order: Int) -> [Double] {
    var stream = Philox(seed: 3, purpose: "cholesky")
    let b = (0..<order * order).map { _ in Double(stream.uniformFloat()) - 0.5 }
    return (0..<order * order).map { index in
      let (i, j) = (index / order, index % order)
      return (0..<order).reduce(i == j ? 1 : 0) { $0 + b[i * order + $1] * b[j * order + $1] }
    }
  }

  private func product(_ matrix: [Double], _ vector: ArraySlice<Double>) -> [Double] {
    let order = vector.count
    return (0..<order).map { row in
      zip(matrix[row * order..<(row + 1) * order], vector).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  @Test(arguments: [1, 2, 7, 60]) func `solutions solve each right side`(order: Int) throws {
    let matrix = positiveDefinite(order)
    let rightSides = (0..<3 * order).map { Double($0 % 7) - 3 }
    let solution = try CholeskyFactor(matrix, order: order).solve(rightSides)
    for place in 0..<3 {
      let range = place * order..<(place + 1) * order
      for (ours, wanted) in zip(product(matrix, solution[range]), rightSides[range]) {
        #expect(abs(ours - wanted) < 1e-10)
      }
    }
  }

  @Test func `the forward solution's squared length is the quadratic form`() throws {
    let factor = try CholeskyFactor(positiveDefinite(9), order: 9)
    let vector = (0..<9).map { Double($0) - 2.5 }
    let length = factor.solveLower(vector).reduce(0) { $0 + $1 * $1 }
    let form = zip(vector, factor.solve(vector)).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(length - form) < 1e-10 * form)
  }

  @Test func `only the lower triangle is used`() throws {
    let whole = try CholeskyFactor([4, 2, 2, 3], order: 2).solve([1, 1])
    #expect(try CholeskyFactor([4, .nan, 2, 3], order: 2).solve([1, 1]) == whole)
    for (ours, wanted) in zip(whole, [0.125, 0.25]) { #expect(abs(ours - wanted) < 1e-15) }
  }

  @Test func `what is not positive definite or not finite is refused by its place`() {
    #expect(throws: CholeskyError.notPositiveDefinite(order: 2, minor: 2)) {
      try CholeskyFactor([1, 2, 2, 1], order: 2)
    }
    #expect(throws: CholeskyError.notFinite(row: 1, column: 0)) {
      try CholeskyFactor([1, 0, .infinity, 1], order: 2)
    }
  }

  @Test func `nothing has an empty solution`() throws {
    #expect(try CholeskyFactor([], order: 0).solve([]) == [])
  }
}
