import DetectionMetrics
import Testing

@Suite struct RankAreaTests {
  @Test func `scikit-learn agrees to 1e-9 on every saved case`() throws {
    let cases = try savedCases()
    #expect(cases.count == 22)
    for saved in cases {
      let series = try saved.series()
      #expect(
        close(series.averagePrecision, saved.averagePrecision, within: 1e-9), "\(saved.name)")
      #expect(close(series.rocArea, saved.rocArea, within: 1e-9), "\(saved.name)")
    }
  }

  @Test(arguments: UInt64(0)..<10)
  func `only the order of scores counts`(seed: UInt64) throws {
    let series = try randomSeries(seed: seed)
    let moved = try ScoredSeries(
      scores: series.scores.map { $0 * 1024 - 7 }, incidents: series.incidents)
    #expect(moved.averagePrecision == series.averagePrecision)
    #expect(moved.rocArea == series.rocArea)
    #expect(
      try moved.volumeUnderSurface(window: 12) == series.volumeUnderSurface(window: 12))
  }

  @Test(arguments: UInt64(0)..<10)
  func `opposite scores mirror the ROC area`(seed: UInt64) throws {
    let series = try randomSeries(seed: seed)
    let opposite = try ScoredSeries(scores: series.scores.map { -$0 }, incidents: series.incidents)
    let sum = try #require(series.rocArea) + #require(opposite.rocArea)
    #expect(abs(sum - 1) < 1e-12)
  }

  @Test func `random scores come near the prevalence and one half`() throws {
    var random = SplitMix(state: 3)
    let labels = (0..<20_000).map { $0 % 1000 < 50 }
    let series = try ScoredSeries(
      scores: labels.map { _ in Double.random(in: 0..<1, using: &random) }, labels: labels)
    #expect(series.prevalence == 0.05)
    #expect(abs(try #require(series.averagePrecision) - 0.05) < 0.01)
    #expect(abs(try #require(series.rocArea) - 0.5) < 0.03)
    let volume = try #require(try series.volumeUnderSurface(window: 20))
    #expect(abs(try #require(volume.roc) - 0.5) < 0.05)
  }

  @Test func `a perfect score has areas of 1`() throws {
    let series = try ScoredSeries(
      scores: [0, 0, 5, 9, 0], incidents: EventRanges([2..<4], count: 5))
    #expect(series.averagePrecision == 1)
    #expect(series.rocArea == 1)
  }

  @Test func `what is undefined is nil`() throws {
    let empty = try ScoredSeries(scores: [], labels: [])
    #expect(empty.prevalence == nil)
    #expect(empty.averagePrecision == nil)
    let quiet = try ScoredSeries(scores: [1, 2], labels: [false, false])
    #expect(quiet.averagePrecision == nil)
    #expect(quiet.rocArea == nil)
    let anomalous = try ScoredSeries(scores: [1, 2], labels: [true, true])
    #expect(anomalous.averagePrecision == 1)
    #expect(anomalous.rocArea == nil)
  }

  @Test func `minus zero ties with zero`() throws {
    let series = try ScoredSeries(scores: [-0.0, 0], labels: [true, false])
    #expect(series.averagePrecision == 0.5)
    #expect(series.rocArea == 0.5)
  }

  @Test(arguments: UInt64(0)..<6)
  func `scores of any magnitude are ranked as a plain count ranks them`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    try expectPlainCount(
      (0..<900).map { _ in
        let exponent = Int.random(in: -300...300, using: &random)
        let sign: FloatingPointSign = Bool.random(using: &random) ? .plus : .minus
        return Double(sign: sign, exponent: exponent, significand: 1)
      }, seed: seed)
  }

  @Test(arguments: UInt64(0)..<6)
  func `scores that differ in their last bits are ranked by these`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    try expectPlainCount(
      (0..<900).map { _ in
        let score = 1 + Double.ulpOfOne * Double(Int.random(in: 0..<400, using: &random))
        return Bool.random(using: &random) ? score : -score
      }, seed: seed)
  }

  @Test(arguments: UInt64(0)..<6)
  func `few scores that differ in their last bits are ranked by these`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    try expectPlainCount(
      (0..<900).map { _ in
        let group = Double(Int.random(in: 1...200, using: &random))
        return group * (1 + Double.ulpOfOne * Double(Int.random(in: 0..<3, using: &random)))
      }, seed: seed)
  }

  /// Compares the ROC area with the count of its definition, over all pairs.
  private func expectPlainCount(_ scores: [Double], seed: UInt64) throws {
    var random = SplitMix(state: seed &+ 99)
    let labels = scores.map { _ in Int.random(in: 0..<9, using: &random) == 0 }
    let series = try ScoredSeries(scores: scores, labels: labels)
    var wins = 0.0
    for (inside, score) in zip(labels, scores) where inside {
      for (other, lower) in zip(labels, scores) where !other {
        wins += score > lower ? 1 : score == lower ? 0.5 : 0
      }
    }
    let positives = labels.count { $0 }
    let expected = wins / Double(positives * (labels.count - positives))
    #expect(abs(try #require(series.rocArea) - expected) < 1e-12)
  }
}
