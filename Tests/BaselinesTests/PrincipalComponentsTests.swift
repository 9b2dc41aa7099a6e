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

  @Test func `variances and contributions equal those of scikit-learn, tall and wide`() throws {
    let fixtures = try SklearnFixture.load()
    for fixture in [fixtures.tall, fixtures.wide] {
      let model = try PrincipalComponents.fit(
        matrix(fixture.rows), explained: 1, limit: fixture.count)
      #expect(model.count == fixture.count)
      for (ours, theirs) in zip(model.variances, fixture.variances) {
        #expect(abs(ours - theirs) < 1e-10 * theirs)
      }
      var error = ReconstructionError(model)
      for (probe, expected) in zip(fixture.probes, fixture.contributions) {
        let row = probe.map { $0 ?? .nan }
        let residuals = error.residuals(row[...])
        for (ours, theirs) in zip(residuals, expected) {
          #expect(abs(ours * ours - theirs) < 1e-9 * max(1, theirs))
        }
        let sum = residuals.reduce(0) { $0 + $1 * $1 }
        #expect(abs(Double(error.score(row[...])) - sum) < 1e-6 * sum)
      }
    }
  }

  @Test func `covariances and singular values give the same components`() throws {
    // One row more or less decides which way is gone.
    let rows = planar(7, noise: 1)
    let tall = try PrincipalComponents.fit(rows, explained: 1)
    let doubled = Matrix(
      rows: 7, columns: 14, elements: (0..<7).flatMap { Array(rows.row($0)) + rows.row($0) })
    let wide = try PrincipalComponents.fit(doubled, explained: 1)
    #expect(tall.count == wide.count)
    for (ours, theirs) in zip(wide.variances, tall.variances) {
      #expect(abs(ours - 2 * theirs) < 1e-10)
    }
  }

  @Test func `a missing value is what the others let expect, and contributes nothing`() throws {
    let model = try PrincipalComponents.fit(planar(200, noise: 0.01), explained: 0.999)
    var error = ReconstructionError(model)
    var row = Array(planar(5).row(4))
    (row[2], row[4]) = (.nan, .infinity)
    let residuals = error.residuals(row[...])
    #expect(residuals[2].isNaN && residuals[4].isNaN)
    // On the plane it was taken from; with column means in the gaps it would be off by far more.
    #expect(error.score(row[...]) < 1e-3)
    #expect(model.score(row[...]) == error.score(row[...]))
    row[6] += 2
    #expect(error.score(row[...]) > 0.1)
  }

  @Test func `without any value there is nothing to reconstruct`() throws {
    let model = try PrincipalComponents.fit(planar(100, noise: 1))
    #expect(model.score(Array(repeating: .nan, count: 7)[...]) == 0)
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
