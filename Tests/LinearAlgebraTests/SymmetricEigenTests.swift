import LinearAlgebra
import Testing

@Suite struct SymmetricEigenTests {
  private func symmetric(_ order: Int) -> [Double] {
    var stream = Philox(seed: 2, purpose: "symmetric", index: order)
    var matrix = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in i..<order {
        matrix[i * order + j] = stream.uniform() * 2 - 1
        matrix[j * order + i] = matrix[i * order + j]
      }
    }
    return matrix
  }

  @Test(arguments: [1, 2, 15, 16, 17, 60])
  func `each vector is only stretched, by its value`(order: Int) throws {
    let matrix = symmetric(order)
    let eigen = try symmetricEigen(matrix, order: order)
    for index in 0..<order {
      let vector = Array(eigen.vector(index))
      for i in 0..<order {
        let product = (0..<order).reduce(0.0) { $0 + matrix[i * order + $1] * vector[$1] }
        #expect(abs(product - eigen.values[index] * vector[i]) < 1e-12 * Double(order))
      }
    }
  }

  @Test(arguments: [1, 2, 15, 16, 17, 60])
  func `vectors are orthonormal, values descend and signs are settled`(order: Int) throws {
    let eigen = try symmetricEigen(symmetric(order), order: order)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 })
    for i in 0..<order {
      for j in 0..<order {
        let product = zip(eigen.vector(i), eigen.vector(j)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
      }
      let largest = try #require(eigen.vector(i).max { abs($0) < abs($1) })
      #expect(largest > 0)
    }
  }

  @Test func `two by two follows the closed form`() throws {
    let eigen = try symmetricEigen([2, 1, 1, 2], order: 2)
    #expect(abs(eigen.values[0] - 3) < 1e-14 && abs(eigen.values[1] - 1) < 1e-14)
    let half = 0.5.squareRoot()
    #expect(eigen.vector(0).allSatisfy { abs($0 - half) < 1e-14 })
  }

  @Test func `only the upper triangle is read`() throws {
    let full = try symmetricEigen([2, 1, 1, 2], order: 2)
    #expect(try symmetricEigen([2, 1, 77, 2], order: 2) == full)
  }

  @Test func `an empty matrix has no values`() throws {
    #expect(try symmetricEigen([], order: 0).values.isEmpty)
  }

  @Test func `an element that is no number is refused by place`() {
    #expect(throws: EigenError.notFinite(row: 1, column: 0)) {
      try symmetricEigen([1, 2, .nan, 4], order: 2)
    }
  }

  @Test func `a matrix that is not square traps`() async {
    await #expect(processExitsWith: .failure) { _ = try symmetricEigen([1, 2], order: 2) }
  }
}
