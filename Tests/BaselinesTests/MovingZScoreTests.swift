import Baselines
import LinearAlgebra
import Testing

@Suite struct MovingZScoreTests {
  @Test func `scores equal those of NumPy`() throws {
    let fixture = try NumpyFixture.load().moving
    var detector = MovingZScore(window: try #require(fixture.window), columns: 3)
    let scores = detector.scores(matrix(fixture.rows))
    for (ours, theirs) in zip(scores, fixture.scores) {
      #expect(abs(Double(ours) - theirs) <= 1e-6 * theirs)
    }
    #expect(scores.count == fixture.scores.count && scores.contains { $0 > 2 })
  }

  @Test func `the current value is not part of its own past`() {
    var detector = MovingZScore(window: 4, columns: 1)
    for value: Float in [-1, 1, -1, 1] { _ = detector.score([value]) }
    // Mean 0, deviation √(4/3).
    #expect(abs(detector.score([3]) - 3 / (4.0 / 3 as Float).squareRoot()) < 1e-6)
  }

  @Test func `values older than the window are forgotten`() {
    var (short, long) = (
      MovingZScore(window: 3, columns: 1), MovingZScore(window: 3, columns: 1)
    )
    for value: Float in [900, -5] { _ = long.score([value]) }
    for value: Float in [1, 2, 4] { (_, _) = (long.score([value]), short.score([value])) }
    #expect(long.score([9]) == short.score([9]))
  }

  @Test func `nothing is said before half of a window is known`() {
    var detector = MovingZScore(window: 5, columns: 1)
    #expect(detector.score([0]) == 0)
    #expect(detector.score([1]) == 0)
    #expect(detector.score([1_000]) == 0)
    #expect(detector.score([5_000]) > 0)
  }

  @Test func `the worst column decides and missing ones take no part`() {
    var detector = MovingZScore(window: 4, columns: 3)
    for row: [Float] in [[1, 10, .nan], [2, 12, .nan], [1, 10, 5], [2, 12, .nan]] {
      _ = detector.score(row[...])
    }
    var (one, both) = (detector, detector)
    let alone = one.score([.nan, 30, 900])
    #expect(alone > 10)
    #expect(both.score([1.5, 30, .infinity]) == alone)
    #expect(detector.score([.nan, .nan, .nan]) == 0)
  }

  @Test func `a constant window is measured against its own level`() {
    var detector = MovingZScore(window: 4, columns: 1)
    for _ in 0..<4 { _ = detector.score([100]) }
    var still = detector
    #expect(still.score([100]) == 0)
    // Three percent of 100.
    #expect(abs(detector.score([106]) - 2) < 1e-6)
  }

  @Test func `wild values keep scores finite`() {
    var detector = MovingZScore(window: 2, columns: 1)
    for _ in 0..<2 { _ = detector.score([0]) }
    #expect(detector.score([Float.greatestFiniteMagnitude]) == Float.greatestFiniteMagnitude)
    #expect(detector.score([-Float.greatestFiniteMagnitude]).isFinite)
  }

  @Test func `a window of one row traps`() async {
    await #expect(processExitsWith: .failure) { _ = MovingZScore(window: 1, columns: 1) }
  }
}
