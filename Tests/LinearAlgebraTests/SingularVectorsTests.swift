import LinearAlgebra
import Testing

@Suite struct SingularVectorsTests {
  private func matrix(_ rows: Int, _ columns: Int) -> [Double] {
    var stream = Philox(seed: 4, purpose: "singular")
    return (0..<rows * columns).map { _ in Double(stream.uniformFloat()) - 0.5 }
  }

  @Test(arguments: [(3, 8), (8, 3), (5, 5), (1, 4)])
  func `squared values and vectors are the eigenvalues of the products of columns`(
    rows: Int, columns: Int
  ) throws {
    let a = matrix(rows, columns)
    let found = try singularVectors(a, rows: rows, columns: columns)
    let products = (0..<columns * columns).map { index in
      (0..<rows).reduce(0.0) {
        $0 + a[$1 * columns + index / columns] * a[$1 * columns + index % columns]
      }
    }
    let eigen = try symmetricEigen(products, order: columns)
    #expect(found.values.count == min(rows, columns))
    for (index, value) in found.values.enumerated() {
      #expect(abs(value * value - eigen.values[index]) < 1e-12)
      let ours = found.vectors[index * columns..<(index + 1) * columns]
      for (x, y) in zip(ours, eigen.vector(index)) { #expect(abs(x - y) < 1e-10) }
    }
  }

  @Test func `an element that is not finite is refused by its place`() {
    #expect(throws: EigenError.notFinite(row: 1, column: 0)) {
      try singularVectors([1, 2, .nan, 4], rows: 2, columns: 2)
    }
    #expect(throws: Never.self) { try singularVectors([], rows: 0, columns: 3) }
  }
}
