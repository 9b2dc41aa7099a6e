import LinearAlgebra
import Testing

@Suite struct GeneralMultiplyTests {
  private static let sizes = [0, 1, 15, 16, 17]

  private func numbers(_ count: Int, _ name: String) -> [Float] {
    var stream = Philox(seed: 1, purpose: name)
    return (0..<count).map { _ in stream.uniformFloat() * 2 - 1 }
  }

  /// The definition, one element after another in Double.
  private func reference(
    _ shape: ProductShape, alpha: Float, _ a: [Float], _ transA: Transposition, _ b: [Float],
    _ transB: Transposition, beta: Float, _ c: [Float]
  ) -> [Double] {
    let (m, n, k) = (shape.rows, shape.columns, shape.inner)
    return (0..<m * n).map { index in
      let (i, j) = (index / n, index % n)
      let sum = (0..<k).reduce(0.0) { sum, l in
        let left = transA == .none ? a[i * k + l] : a[l * m + i]
        let right = transB == .none ? b[l * n + j] : b[j * k + l]
        return sum + Double(left) * Double(right)
      }
      return Double(alpha) * sum + (beta == 0 ? 0 : Double(beta) * Double(c[index]))
    }
  }

  @Test(
    arguments: [(Transposition.none, Transposition.none), (.none, .transposed)]
      + [(.transposed, .none), (.transposed, .transposed)], [Float(0), 1, -0.5])
  func `products equal the definition`(
    transpositions: (Transposition, Transposition), beta: Float
  ) {
    for m in Self.sizes {
      for n in Self.sizes {
        for k in Self.sizes {
          let shape = ProductShape(rows: m, columns: n, inner: k)
          let (a, b) = (numbers(m * k, "a"), numbers(k * n, "b"))
          let before = numbers(m * n, "c")
          var c = before
          var target = c.mutableSpan
          multiply(
            shape, alpha: 1.5, a.span, transpositions.0, b.span, transpositions.1, beta: beta,
            into: &target)
          let expected = reference(
            shape, alpha: 1.5, a, transpositions.0, b, transpositions.1, beta: beta, before)
          for (ours, exact) in zip(c, expected) {
            #expect(abs(Double(ours) - exact) < 1e-5, "\(shape)")
          }
        }
      }
    }
  }

  @Test func `a beta of zero overwrites what was not a number`() {
    var c = [Float](repeating: .nan, count: 4)
    var target = c.mutableSpan
    let (a, b): ([Float], [Float]) = ([1, 2, 3, 4], [1, 0, 0, 1])
    multiply(ProductShape(rows: 2, columns: 2, inner: 2), a.span, .none, b.span, into: &target)
    #expect(c == [1, 2, 3, 4])
  }

  @Test func `elements beyond the product are left alone`() {
    var c: [Float] = [0, 7]
    var target = c.mutableSpan
    let (a, b): ([Float], [Float]) = ([2, 9], [3, 9])
    multiply(ProductShape(rows: 1, columns: 1, inner: 1), a.span, .none, b.span, into: &target)
    #expect(c == [6, 7])
  }

  @Test func `too few elements trap`() async {
    await #expect(processExitsWith: .failure) {
      let a: [Float] = [1, 2, 3]
      var c = a
      var target = c.mutableSpan
      multiply(ProductShape(rows: 2, columns: 2, inner: 2), a.span, .none, a.span, into: &target)
    }
  }
}
