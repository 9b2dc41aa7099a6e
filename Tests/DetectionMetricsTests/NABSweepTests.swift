import DetectionMetrics
import Testing

@Suite("NAB scores at all thresholds")
struct NABSweepTests {
  /// Pseudo-random scores in few steps, so that ties are common.
  private func scores(_ count: Int, _ seed: UInt64) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 59) / 32
    }
  }

  @Test(
    "the best threshold is the one that trying all of them finds",
    arguments: [NABProfile.standard, .rewardLowFalsePositives, .rewardLowFalseNegatives])
  func agreesWithTrying(profile: NABProfile) throws {
    let parts = [
      (scores(400, 1), [100..<140, 300..<330]), (scores(300, 2), []),
      (scores(500, 3), [20..<90, 200..<201, 210..<260]),
    ]
    var sweep = NABSweep(profile: profile)
    for (scores, windows) in parts {
      try sweep.add(scores: scores, windows: EventRanges(windows, count: scores.count))
    }
    func total(_ threshold: Double) throws -> NABScore {
      try parts.reduce(NABScore(raw: 0, null: 0, perfect: 0)) { sum, part in
        let windows = try EventRanges(part.1, count: part.0.count)
        return sum
          + (try nabScore(
            alarms: EventRanges(part.0.map { $0 >= threshold }), windows: windows,
            profile: profile))
      }
    }
    let candidates = Set(parts.flatMap { $0.0 }).sorted() + [2]
    let tried = try candidates.map { (threshold: $0, score: try total($0)) }
    let best = try #require(tried.max { $0.score.raw < $1.score.raw })
    let found = sweep.best()
    #expect(abs(found.score.raw - best.score.raw) < 1e-9)
    let at = try total(found.threshold ?? 2)
    #expect(abs(at.raw - found.score.raw) < 1e-9)
    #expect(found.score.perfect == best.score.perfect && found.score.null == best.score.null)
  }

  @Test("without any use of alarms the best is none")
  func noWindows() throws {
    var sweep = NABSweep(profile: .standard)
    try sweep.add(scores: scores(100, 5), windows: EventRanges([], count: 100))
    #expect(sweep.best().threshold == nil)
    #expect(sweep.best().score.raw == 0)
  }

  @Test("scores and labels of different length are refused")
  func lengths() throws {
    var sweep = NABSweep(profile: .standard)
    #expect(throws: MetricError.self) {
      try sweep.add(scores: [1], windows: EventRanges([], count: 2))
    }
  }
}
