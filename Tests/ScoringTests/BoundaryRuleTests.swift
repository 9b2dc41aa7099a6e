import Foundation
import LinearAlgebra
import Scoring
import Testing

@Suite struct BoundaryRuleTests {
  /// Exponential scores around a centre.
  private func scores(_ count: Int, seed: UInt64) -> [Float] {
    var random = Philox(seed: seed, purpose: "scores")
    return (0..<count).map { _ in Float(3 - log(1 - random.uniform())) }
  }

  private func boundary(_ raw: [Float], _ rule: BoundaryRule) throws -> Double {
    try Calibration(fitting: ["a": raw], rule: rule, detector: "d").boundary
  }

  @Test(arguments: [0.0001, 0.001, 0.02, 0.2, 0.5])
  func `contamination makes exactly its share alert`(share: Double) throws {
    let raw = scores(2_000, seed: 1)
    let calibration = try Calibration(
      fitting: ["a": raw], rule: .contamination(share: share), detector: "d")
    // Centres and spreads are those of other rules, so that half lies at or below 0.
    let alerts = raw.count { calibration.score($0, service: "a") >= 1 }
    #expect(alerts == Int(share * 2_000))
  }

  @Test func `ties never make more than the share alert`() throws {
    var raw = scores(1_000, seed: 6)
    let tied = raw.sorted()[970]
    for index in raw.indices where raw[index] > tied && raw[index] < tied * 1.2 {
      raw[index] = tied
    }
    let ties = raw.count { $0 == tied }
    let beyond = raw.count { $0 > tied }
    try #require(ties > 1 && beyond < 20)
    let calibration = try Calibration(
      fitting: ["a": raw], rule: .contamination(share: 0.02), detector: "d")
    #expect(raw.count { calibration.score($0, service: "a") >= 1 } == beyond)
    let constant = try Calibration(
      fitting: ["a": raw.map { min($0, tied) }], rule: .contamination(share: 0.01), detector: "d")
    #expect(raw.allSatisfy { constant.score(min($0, tied), service: "a") < 1 })
  }

  @Test func `a tail reaches beyond the largest calibration score`() throws {
    let raw = scores(2_000, seed: 1)
    let rare = BoundaryRule.tail(exceedance: 1e-5, start: 0.95)
    let largest = try boundary(raw, .quantile(exceedance: 1e-5))
    #expect(try boundary(raw, rare) > largest)
    // Of exponential scores ln(1e5) deviations are passed with 1e-5; centre ln 2, spread
    // ln 20 − ln 2.
    let expected = (log(1e5) - log(2)) / log(10)
    #expect(try abs(boundary(scores(50_000, seed: 2), rare) / expected - 1) < 0.15)
  }

  @Test func `where there are data a tail agrees with the quantile`() throws {
    let raw = scores(50_000, seed: 3)
    let tail = try boundary(raw, .tail(exceedance: 0.002, start: 0.98))
    let quantile = try boundary(raw, .quantile(exceedance: 0.002))
    #expect(abs(tail / quantile - 1) < 0.03)
  }

  @Test func `with few peaks the quantile rules`() throws {
    let raw = scores(300, seed: 4)
    #expect(
      try boundary(raw, .tail(exceedance: 0.001, start: 0.98))
        == boundary(raw, .quantile(exceedance: 0.001)))
  }

  @Test func `the raw boundary is where the score is 1`() throws {
    let calibration = try Calibration(
      fitting: ["a": scores(500, seed: 5)], rule: .quantile(exceedance: 0.01), detector: "d")
    let raw = Float(calibration.rawBoundary(service: "a"))
    #expect(abs(calibration.score(raw, service: "a") - 1) < 1e-5)
  }

  @Test(arguments: [(0.4, 0.1), (-3, 2), (0, 1e-6), (1e30, 1), (-1e30, 1e30)])
  func `the greatest normal raw score is the last one below 1`(
    centre: Double, spread: Double
  ) {
    let location = Calibration.Location(centre: centre, spread: spread)
    let calibration = Calibration(locations: ["a": location], fallback: location, boundary: 1.3)
    let raw = calibration.greatestNormal(service: "a")
    #expect(calibration.score(raw, service: "a") < 1)
    #expect(calibration.score(raw.nextUp, service: "a") >= 1)
  }
}
