import Baselines
import Testing

@Suite struct RandomScoreTests {
  @Test func `a score depends on seed, service and row alone`() {
    let detector = RandomScore(seed: 3)
    let scores = detector.scores(service: 2, count: 50)
    #expect((0..<50).reversed().map { detector.score(service: 2, row: $0) }.reversed() == scores)
    #expect(detector.scores(service: 3, count: 50) != scores)
    #expect(RandomScore(seed: 4).scores(service: 2, count: 50) != scores)
  }

  @Test func `scores are uniform`() {
    let scores = RandomScore(seed: 3).scores(service: 0, count: 20_000).sorted()
    #expect(scores[0] >= 0 && scores[19_999] < 1)
    for (rank, score) in scores.enumerated() {
      // Kolmogorov-Smirnov at one in ten thousand: 2.2 / √n.
      #expect(abs(Double(score) - (Double(rank) + 0.5) / 20_000) < 0.0157)
    }
  }
}
