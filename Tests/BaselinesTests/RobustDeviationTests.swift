import Baselines
import LinearAlgebra
import Testing

@Suite struct RobustDeviationTests {
  @Test func `scores equal those of NumPy`() throws {
    let fixture = try NumpyFixture.load().robust
    let scores = RobustDeviation().scores(matrix(fixture.rows))
    for (ours, theirs) in zip(scores, fixture.scores) {
      #expect(abs(Double(ours) - theirs) <= 1e-6 * theirs)
    }
    #expect(scores.count == fixture.scores.count)
  }

  @Test(arguments: [1, 2, 9, 10, 15, 16, 17, 19, 20, 200])
  func `selecting equals sorting, ties and order of features aside`(count: Int) {
    var stream = Philox(seed: 4, purpose: "features", index: count)
    for share in [0.1, 0.37, 1] {
      for distinct in [3, 1_000] {
        let row = (0..<count).map { _ in Float(stream.index(below: distinct)) - Float(distinct / 2)
        }
        let sorted = row.map(abs).sorted(by: >)
        let taken = max(1, Int(share * Double(count)))
        let expected = sorted[..<taken].reduce(0, +) / Float(taken)
        let detector = RobustDeviation(share: share)
        #expect(abs(detector.score(row[...]) - expected) <= 1e-5 * expected)
        #expect(detector.score(row.shuffled(using: &stream)[...]) == detector.score(row[...]))
      }
    }
  }

  @Test func `few features are judged by their largest`() {
    #expect(RobustDeviation().score([1, -7, 3]) == 7)
  }

  @Test func `the sign does not matter and missing values take no part`() {
    let detector = RobustDeviation(share: 0.5)
    #expect(detector.score([-4, .nan, 2, 0, .infinity, -1]) == 3)
    #expect(detector.score([4, -2, 0, 1]) == 3)
    #expect(detector.score([.nan, .nan]) == 0)
    #expect(detector.score([]) == 0)
  }

  @Test func `a share of nothing traps`() async {
    await #expect(processExitsWith: .failure) { _ = RobustDeviation(share: 0) }
  }
}
