import Baselines
import Diagnostics
import LinearAlgebra
import Testing

@Suite struct PrincipalComponentsTests {
  /// Rows near a plane of three dimensions in seven.
  private func planar(_ count: Int, noise: Float = 0) -> Matrix {
    var stream = Philox(seed: 6, purpose: "plane")
    let axes = (0..<21).map { _ in stream.uniformFloat() - 0.5 }
    var rows = Matrix(rows: 0, columns: 7)
    for _ in 0..<count {
      let place = (0..<3).map { _ in stream.uniformFloat() * 4 }
      rows.append(
        row: (0..<7).map { column in
          let onPlane = (0..<3).reduce(Float(column)) { $0 + place[$1] * axes[$1 * 7 + column] }
          return onPlane + noise * (stream.uniformFloat() - 0.5)
        })
    }
    return rows
  }

  @Test func `means, variances and scores equal those of NumPy`() throws {
    let fixture = try NumpyFixture.load().components
    let model = try PrincipalComponents.fit(matrix(fixture.rows))
    #expect(model.count == fixture.variances.count)
    for (ours, theirs) in zip(model.means, fixture.means) { #expect(abs(ours - theirs) < 1e-10) }
    for (ours, theirs) in zip(model.variances, fixture.variances) {
      #expect(abs(ours - theirs) < 1e-10)
    }
    let scores = model.scores(matrix(fixture.probes))
    #expect(scores.count == fixture.scores.count)
    for (ours, theirs) in zip(scores, fixture.scores) {
      #expect(abs(Double(ours) - theirs) < 1e-6 * max(1, theirs))
    }
  }

  @Test func `components are orthonormal`() throws {
    let model = try PrincipalComponents.fit(planar(200, noise: 1), explained: 1)
    #expect(model.count == 7)
    for i in 0..<7 {
      for j in 0..<7 {
        let product = (0..<7).reduce(0.0) {
          $0 + model.components[i * 7 + $1] * model.components[j * 7 + $1]
        }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func `rows in the plane have no error and a step off it is its square`() throws {
    let rows = planar(200)
    let model = try PrincipalComponents.fit(rows, explained: 0.999_999)
    #expect(model.count == 3)
    #expect(model.scores(rows).allSatisfy { $0 < 1e-10 })
    // A direction across the plane: what is left of an axis.
    var normal = [1.0, 0, 0, 0, 0, 0, 0]
    for index in 0..<3 {
      let component = model.components[index * 7..<index * 7 + 7]
      for (column, weight) in component.enumerated() {
        normal[column] -= component[index * 7] * weight
      }
    }
    let length = normal.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let moved = zip(rows.row(5), normal).map { $0 + Float(3 * $1 / length) }
    #expect(abs(model.score(moved[...]) - 9) < 1e-4)
  }

  @Test func `the fewest components that explain enough are kept`() throws {
    let rows = planar(300, noise: 0.5)
    let all = try PrincipalComponents.fit(rows, explained: 1)
    let total = all.variances.reduce(0, +)
    for share in [0.3, 0.6, 0.9, 0.95] {
      let model = try PrincipalComponents.fit(rows, explained: share)
      #expect(model.variances.reduce(0, +) >= share * total)
      #expect(model.variances.dropLast().reduce(0, +) < share * total)
    }
    #expect(try PrincipalComponents.fit(rows, explained: 1, limit: 2).count == 2)
  }

  @Test func `a missing value counts as its column's mean`() throws {
    let model = try PrincipalComponents.fit(planar(100, noise: 1))
    var (missing, mean) = (Array(planar(1).row(0)), Array(planar(1).row(0)))
    (missing[2], missing[4]) = (.nan, .infinity)
    (mean[2], mean[4]) = (Float(model.means[2]), Float(model.means[4]))
    #expect(abs(model.score(missing[...]) - model.score(mean[...])) < 1e-5)
  }

  @Test func `constant rows have no component and score by distance`() throws {
    let model = try PrincipalComponents.fit(Matrix(rows: 5, columns: 2, repeating: 3))
    #expect(model.count == 0)
    #expect(model.score([3, 5]) == 4)
    #expect(try PrincipalComponents.fit(Matrix(rows: 5, columns: 0)).score([]) == 0)
  }

  @Test func `no rows are refused`() {
    let error = #expect(throws: BaselineError.self) {
      try PrincipalComponents.fit(Matrix(rows: 0, columns: 2))
    }
    #expect(error == .noRows)
    #expect(error?.kind == .invalidInput)
  }

  @Test func `a row of another width traps`() async {
    await #expect(processExitsWith: .failure) {
      let model = try PrincipalComponents.fit(Matrix(rows: 5, columns: 2, repeating: 3))
      _ = model.score([1])
    }
  }
}
