import LinearAlgebra
import Testing

@Suite struct BufferedPhiloxTests {
  @Test(arguments: [(0, "", 0), (7, "trees", 1), (.max, "x", 5 << 32 | 17), (1, "y", -1)])
  func `the values are those of the stream that is not buffered`(
    seed: UInt64, purpose: String, index: Int
  ) {
    var buffered = BufferedPhilox(seed: seed, purpose: purpose, index: index)
    var plain = Philox(seed: seed, purpose: purpose, index: index)
    for _ in 0..<1_000 { #expect(buffered.next() == plain.next()) }
  }

  @Test func `numbers of every kind are drawn from the same values`() {
    var buffered = BufferedPhilox(seed: 3, purpose: "kinds")
    var plain = Philox(seed: 3, purpose: "kinds")
    for round in 1..<500 {
      #expect(buffered.uniform() == plain.uniform())
      #expect(buffered.index(below: round) == plain.index(below: round))
      // Nearly half of the values are refused.
      let large = Int.max / 2 + 2
      #expect(buffered.index(below: large) == plain.index(below: large))
    }
  }

  @Test func `an empty range traps`() async {
    await #expect(processExitsWith: .failure) {
      var buffered = BufferedPhilox(seed: 3, purpose: "kinds")
      _ = buffered.index(below: 0)
    }
  }
}
