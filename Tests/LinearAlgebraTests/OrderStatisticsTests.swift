import LinearAlgebra
import Testing

@Suite struct QuantileTests {
  @Test func `quantiles equal those of NumPy`() throws {
    for sample in try NumpyFixture.load().quantiles {
      for (probability, expected) in zip(sample.probabilities, sample.expected) {
        let ours = quantile(ofSorted: sample.values, probability)
        #expect(abs(ours - expected) <= 1e-12 * abs(expected))
      }
    }
  }

  @Test func `the ends are the extremes`() {
    #expect(quantile(ofSorted: [1, 2, 9], 0) == 1)
    #expect(quantile(ofSorted: [1, 2, 9], 1) == 9)
  }

  @Test func `no values or a share beyond one trap`() async {
    await #expect(processExitsWith: .failure) { _ = quantile(ofSorted: [], 0.5) }
    await #expect(processExitsWith: .failure) { _ = quantile(ofSorted: [1], 1.5) }
  }
}

@Suite struct RobustSummaryTests {
  @Test func `medians and scales equal those of NumPy, whichever term decides`() throws {
    for sample in try NumpyFixture.load().summaries {
      let summary = try #require(RobustSummary(of: sample.values.map { $0 ?? .nan }))
      #expect(abs(summary.median - sample.median) <= 1e-12 * abs(sample.median))
      #expect(abs(summary.scale - sample.scale) <= 1e-12 * sample.scale)
    }
  }

  @Test func `one wild value in many hardly moves it`() throws {
    let calm = (0..<100).map { Double($0 % 10) }
    let before = try #require(RobustSummary(of: calm))
    let after = try #require(RobustSummary(of: calm + [40]))
    #expect(abs(before.median - after.median) < 0.6)
    #expect(abs(before.scale - after.scale) < 0.1 * before.scale)
  }

  @Test func `infinities are left out like missing values`() {
    #expect(
      RobustSummary(of: [1, .infinity, 2, -.infinity, 3, .nan]) == RobustSummary(of: [1, 2, 3]))
  }

  @Test func `nothing has no summary`() {
    #expect(RobustSummary(of: [Double]()) == nil)
    #expect(RobustSummary(of: [.nan, .infinity]) == nil)
  }
}
