import LinearAlgebra
import Testing

@Suite struct CovarianceTests {
  @Test func `means, covariances and eigenvalues equal those of NumPy`() throws {
    let fixture = try NumpyFixture.load()
    let columns = fixture.means.count
    let rows = Matrix(
      rows: fixture.rows.count, columns: columns, elements: fixture.rows.flatMap { $0 })
    let covariance = Covariance(of: rows)
    for (ours, theirs) in zip(covariance.means, fixture.means) {
      #expect(abs(ours - theirs) < 1e-12)
    }
    for (ours, theirs) in zip(covariance.elements, fixture.covariance.flatMap({ $0 })) {
      #expect(abs(ours - theirs) < 1e-12)
    }
    let values = try symmetricEigen(covariance.elements, order: columns).values
    for (ours, theirs) in zip(values, fixture.eigenvalues) { #expect(abs(ours - theirs) < 1e-12) }
  }

  @Test(arguments: [511, 512, 513, 1_100])
  func `rows beyond a block count like the others`(count: Int) {
    var stream = Philox(seed: 3, stream: 0)
    let elements = (0..<count * 2).map { _ in stream.uniformFloat() }
    let covariance = Covariance(of: Matrix(rows: count, columns: 2, elements: elements))
    func column(_ index: Int) -> [Double] {
      (0..<count).map { Double(elements[$0 * 2 + index]) - covariance.means[index] }
    }
    for i in 0..<2 {
      for j in 0..<2 {
        let sum = zip(column(i), column(j)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(covariance.elements[i * 2 + j] - sum / Double(count - 1)) < 1e-12)
      }
    }
  }

  @Test func `missing values count as their column's mean`() {
    let rows = Matrix(rows: 3, columns: 2, elements: [1, 5, .nan, 7, 3, .infinity])
    let covariance = Covariance(of: rows)
    #expect(covariance.means == [2, 6])
    #expect(covariance.elements == [1, 0.5, 0.5, 1])
  }

  @Test func `no rows, one row and empty columns vary in nothing`() {
    #expect(Covariance(of: Matrix(rows: 0, columns: 1)).elements == [0])
    #expect(Covariance(of: Matrix(rows: 1, columns: 1, elements: [4])).elements == [0])
    #expect(Covariance(of: Matrix(rows: 5, columns: 0)).elements == [])
    #expect(Covariance(of: Matrix(rows: 5, columns: 1, repeating: .nan)).means == [0])
  }
}
