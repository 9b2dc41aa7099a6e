import ErrorScores
import LinearAlgebra
import Testing

@Suite struct MahalanobisDistanceTests {
  @Test(arguments: ShrinkageRule.allCases)
  func `covariances equal those of scikit-learn`(rule: ShrinkageRule) throws {
    for fixture in try PeerFixture.load().covariances {
      let ours = ShrunkCovariance(of: fixture.matrix, rule: rule)
      let theirs = rule == .ledoitWolf ? fixture.ledoitWolf : fixture.oas
      #expect(abs(ours.shrinkage - theirs.shrinkage) < 1e-9)
      let expected = theirs.covariance.flatMap { $0 }
      let scale = expected.map(abs).max() ?? 1
      #expect(ours.elements.count == expected.count)
      for (a, b) in zip(ours.elements, expected) { #expect(abs(a - b) < 1e-6 * scale) }
    }
  }

  @Test func `distances and contributions equal those by the inverse, with channels missing`()
    throws
  {
    for fixture in try PeerFixture.load().covariances {
      let distance = try MahalanobisDistance(fitting: fixture.matrix)
      for probe in fixture.distances {
        let errors = probe.errors.map { $0 ?? .nan }
        let present = errors.indices.filter { !errors[$0].isNaN }
        let parts = try #require(distance.marginal(of: present)).parts(errors)
        #expect(abs(parts.squared - probe.squared) < 1e-6 * probe.squared)
        #expect(parts.contributions.indices.filter { !parts.contributions[$0].isNaN } == present)
        let ours = present.map { parts.contributions[$0] }
        for (a, b) in zip(ours, probe.contributions) {
          #expect(abs(a - b) < 1e-6 * max(1, probe.squared))
        }
        #expect(abs(ours.reduce(0, +) - parts.squared) < 1e-9 * parts.squared)
      }
    }
  }

  @Test func `a column's variance is that of the values present`() {
    var rows = Matrix(rows: 0, columns: 2)
    for index in 0..<40 { rows.append(row: [index % 2 == 0 ? 1 : -1, Float(index % 4) - 1.5]) }
    let whole = ShrunkCovariance(of: rows, rule: .oracleApproximating)
    for index in 20..<40 { rows[index, 0] = .nan }
    let part = ShrunkCovariance(of: rows, rule: .oracleApproximating)
    let trace = { (each: ShrunkCovariance) in each.elements[0] + each.elements[3] }
    #expect(abs(trace(whole) - trace(part)) < 1e-12)
  }

  @Test func `channels that repeat each other or never erred keep distances finite`() throws {
    let rows = Matrix(
      rows: 30, columns: 3, elements: (0..<30).flatMap { [Float($0), Float($0), 0] })
    let distance = try MahalanobisDistance(fitting: rows)
    let parts = try #require(distance.marginal(of: [0, 1, 2])).parts([15, 15, 1])
    #expect(parts.squared.isFinite && parts.squared > 0)
    let still = try MahalanobisDistance(fitting: Matrix(rows: 4, columns: 2))
    #expect(try #require(still.marginal(of: [0])).parts([1, .nan]).squared.isFinite)
  }

  @Test func `covariances that are not positive definite are refused`() {
    #expect(throws: CholeskyError.notPositiveDefinite(order: 2, minor: 2)) {
      try MahalanobisDistance(means: [0, 0], covariances: [1, 2, 2, 1])
    }
  }
}
