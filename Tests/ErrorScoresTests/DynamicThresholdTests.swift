import ErrorScores
import Testing

@Suite struct DynamicThresholdTests {
  @Test func `thresholds, pruning and severities are those of the paper's formula`() throws {
    let fixture = try PeerFixture.load().telemanom
    var ours = DynamicThreshold(
      .init(window: fixture.window, pruning: fixture.pruning, fewest: fixture.fewest))
    for (error, cell) in zip(fixture.errors, fixture.cells) {
      let severity = ours.severity(of: error)
      #expect((severity >= 1) == (cell.state == "anomalous"))
      if let expected = cell.threshold {
        #expect(abs(try #require(ours.threshold) - expected) < 1e-9 * expected)
      } else {
        #expect(ours.threshold == nil)
      }
      if let expected = cell.severity {
        #expect(abs(severity - expected) < 1e-9 * max(1, expected))
      } else {
        #expect(severity == Double(Float(1).nextDown))
      }
    }
  }

  @Test func `what comes later changes nothing, and a copy goes on the same way`() throws {
    let errors = try PeerFixture.load().telemanom.errors
    var whole = DynamicThreshold()
    let severities = errors.map { whole.severity(of: $0) }
    var begun = DynamicThreshold()
    for index in 0..<250 { #expect(begun.severity(of: errors[index]) == severities[index]) }
    var copy = begun
    _ = begun.severity(of: 100)
    for index in 250..<errors.count {
      #expect(copy.severity(of: errors[index]) == severities[index])
    }
  }

  @Test func `equal errors are normal and one above them is not`() {
    var threshold = DynamicThreshold(.init(window: 50, fewest: 10))
    for _ in 0..<49 { #expect(threshold.severity(of: 0.5) == 0) }
    #expect(threshold.severity(of: 0.6) > 1)
    #expect(threshold.severity(of: 0.5) < 1)
  }

  @Test func `a short window does not judge`() {
    var threshold = DynamicThreshold(.init(window: 50, fewest: 10))
    for index in 0..<9 { #expect(threshold.severity(of: Double(index * index)) == 0) }
  }
}

@Suite struct ForecastIntervalTests {
  private let interval = ForecastInterval(lower: -2, median: 0, upper: 1)

  @Test(arguments: [
    (0.0, 0.0), (0.5, 0.5), (1, 1), (-1, 0.5), (-2, 1), (2.5, 2), (-5, 3),
  ]) func `ends are at one, and beyond it half widths count`(value: Double, expected: Double) {
    #expect(interval.exceedance(of: value, leastHalfWidth: 1e-3) == expected)
  }

  @Test func `crossed quantiles are put in order`() {
    #expect(
      ForecastInterval(lower: 1, median: -2, upper: 0)
        == ForecastInterval(lower: -2, median: 0, upper: 1))
  }

  @Test func `an interval without width is measured by the least one`() {
    let point = ForecastInterval(lower: 3, median: 3, upper: 3)
    #expect(point.exceedance(of: 3, leastHalfWidth: 0.5) == 0)
    #expect(point.exceedance(of: 3.25, leastHalfWidth: 0.5) == 0.5)
    #expect(point.exceedance(of: 4, leastHalfWidth: 0.5) == 2)
    #expect(point.exceedance(of: .nan, leastHalfWidth: 0.5).isNaN)
  }

  @Test func `conformal ends are ranks among one more than the errors`() throws {
    // 99 errors: a tenth outside is 10 of 100 ranks, five on either side.
    let errors = (1...99).map(Double.init) + [.nan]
    let interval = try #require(ForecastInterval(conformal: errors, coverage: 0.9))
    #expect(interval == ForecastInterval(lower: 5, median: 50, upper: 95))
    let all = try #require(ForecastInterval(conformal: errors, coverage: 0.999))
    #expect(all == ForecastInterval(lower: 1, median: 50, upper: 99))
    #expect(ForecastInterval(conformal: [Double.nan], coverage: 0.9) == nil)
  }

  @Test func `a single error is its own interval`() throws {
    let interval = try #require(ForecastInterval(conformal: [2], coverage: 0.5))
    #expect(interval == ForecastInterval(lower: 2, median: 2, upper: 2))
  }

  @Test("A threshold that goes on from another's window judges as that one does")
  func continuation() {
    let configuration = DynamicThreshold.Configuration(window: 40, fewest: 10)
    var first = DynamicThreshold(configuration)
    var state: UInt64 = 3
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 * (state % 17 == 0 ? 10 : 1)
    }
    for count in [5, 50, 83] {
      for _ in 0..<count { _ = first.severity(of: next()) }
      var second = DynamicThreshold(configuration, errors: first.window)
      var one = first
      for _ in 0..<60 {
        let error = next()
        #expect(second.severity(of: error).bitPattern == one.severity(of: error).bitPattern)
      }
    }
  }
}
