import IsolationForest
import Testing

@Suite struct AveragePathLengthTests {
  @Test func `one row or none has no path and two rows have one cut`() {
    #expect(averagePathLength(0) == 0)
    #expect(averagePathLength(1) == 0)
    #expect(averagePathLength(2) == 1)
  }

  @Test func `three and four rows follow the closed form`() {
    #expect(abs(averagePathLength(3) - 5.0 / 3) < 1e-15)
    #expect(abs(averagePathLength(4) - 13.0 / 6) < 1e-15)
  }

  @Test(arguments: [5, 64, 65, 66, 67, 100, 256, 1_000, 10_000])
  func `the expansion for many rows equals the sum it stands for`(count: Int) {
    let harmonic = (1..<count).reversed().reduce(0.0) { $0 + 1 / Double($1) }
    let exact = 2 * harmonic - 2 * Double(count - 1) / Double(count)
    #expect(abs(averagePathLength(count) - exact) < 1e-12)
  }

  @Test func `the length satisfies the recurrence of random search trees`() {
    // The first key splits n keys into k and n − 1 − k; a search falls into one of n + 1 gaps.
    func gaps(_ keys: Int) -> Double { averagePathLength(keys + 1) }
    for keys in [1, 2, 3, 10, 50] {
      let expected =
        (0..<keys).reduce(0.0) { sum, left in
          let right = keys - 1 - left
          let share = Double(left + 1) * gaps(left) + Double(right + 1) * gaps(right)
          return sum + 1 + share / Double(keys + 1)
        } / Double(keys)
      #expect(abs(gaps(keys) - expected) < 1e-12)
    }
  }
}
