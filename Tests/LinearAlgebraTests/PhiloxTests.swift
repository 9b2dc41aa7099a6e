import LinearAlgebra
import Testing

@Suite struct PhiloxTests {
  private typealias Words = (UInt32, UInt32, UInt32, UInt32)

  @Test func `blocks equal the known answers of Random123`() {
    // Random123, tests/kat_vectors, the lines of philox4x32 with 10 rounds.
    let ones = UInt32.max
    let answers: [(counter: Words, key: (UInt32, UInt32), block: Words)] = [
      (
        (0, 0, 0, 0), (0, 0), (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
      ),
      (
        (ones, ones, ones, ones), (ones, ones),
        (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), (0xa409_3822, 0x299f_31d0),
        (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ]
    for answer in answers {
      #expect(Philox.block(counter: answer.counter, key: answer.key) == answer.block)
    }
  }

  @Test func `a stream reads its blocks in order, low words first`() {
    let (seed, number): (UInt64, UInt64) = (0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e)
    var stream = Philox(seed: seed, stream: number)
    for counter in UInt32(0)..<3 {
      let block = Philox.block(
        counter: (counter, 0, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
      #expect(stream.next() == UInt64(block.0) | UInt64(block.1) << 32)
      #expect(stream.next() == UInt64(block.2) | UInt64(block.3) << 32)
    }
  }

  @Test func `a named stream has the FNV-1a hash of its name in the key`() {
    // FNV-1a of "foobar", from the published test vectors of the hash.
    var named = Philox(seed: 5, purpose: "foobar", index: 7)
    var plain = Philox(seed: 5 ^ 0x8594_4171_f739_67e8, stream: 7)
    #expect(named.next() == plain.next())
  }

  @Test func `streams of other seeds, purposes and indices share no value`() {
    var seen: Set<UInt64> = []
    let streams = [
      Philox(seed: 1, purpose: "a"), Philox(seed: 2, purpose: "a"), Philox(seed: 1, purpose: "b"),
      Philox(seed: 1, purpose: "a", index: 1), Philox(seed: 1, purpose: "a", index: -1),
    ]
    for var stream in streams { for _ in 0..<1_000 { seen.insert(stream.next()) } }
    #expect(seen.count == 5_000)
  }

  @Test func `neighbouring streams are uncorrelated`() {
    let count = 20_000
    for index in 0..<8 {
      var (a, b) = (
        Philox(seed: 3, purpose: "c", index: index), Philox(seed: 3, purpose: "c", index: index + 1)
      )
      let product = (0..<count).reduce(0.0) { sum, _ in
        sum + (a.uniform() - 0.5) * (b.uniform() - 0.5)
      }
      // The correlation's standard deviation is 1 / √count.
      #expect(abs(12 * product / Double(count)) < 4.5 / Double(count).squareRoot())
    }
  }

  @Test func `uniform numbers fill their interval evenly`() {
    var stream = Philox(seed: 9, stream: 0)
    let (count, cells) = (200_000, 100)
    var (doubles, floats) = ([Int](repeating: 0, count: cells), [Int](repeating: 0, count: cells))
    for _ in 0..<count {
      doubles[Int(stream.uniform() * Double(cells))] += 1
      floats[Int(stream.uniformFloat() * Float(cells))] += 1
    }
    for histogram in [doubles, floats] {
      let expected = Double(count / cells)
      let chiSquare = histogram.reduce(0.0) {
        $0 + (Double($1) - expected) * (Double($1) - expected) / expected
      }
      // 99 degrees of freedom: mean 99, standard deviation 14.1.
      #expect(chiSquare > 45 && chiSquare < 165)
    }
  }

  @Test func `every bit is set half of the time`() {
    var stream = Philox(seed: 10, stream: 0)
    var counts = [Int](repeating: 0, count: 64)
    for _ in 0..<20_000 {
      let value = stream.next()
      for bit in 0..<64 where value >> bit & 1 == 1 { counts[bit] += 1 }
    }
    // Standard deviation 71.
    for count in counts { #expect(abs(count - 10_000) < 320) }
  }

  @Test(arguments: [1, 2, 3, 7, 10, 64, 1_000])
  func `indices below a bound are equally frequent`(bound: Int) {
    var stream = Philox(seed: 11, purpose: "bound", index: bound)
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<bound * 400 { counts[stream.index(below: bound)] += 1 }
    // Standard deviation at most 20.
    for count in counts { #expect(abs(count - 400) < 100) }
  }

  @Test func `an index below three eighths of all values is not biased`() {
    // Without rejection remainders 0, 1 and 2 would come with 3, 3 and 2 parts of 8.
    var stream = Philox(seed: 12, stream: 0)
    let last = (0..<20_000).count { _ in stream.index(below: 3 << 61) % 3 == 2 }
    #expect(abs(Double(last) / 20_000 - 1.0 / 3) < 0.015)
  }

  @Test func `no index below zero exists`() async {
    await #expect(processExitsWith: .failure) {
      var stream = Philox(seed: 1, stream: 1)
      _ = stream.index(below: 0)
    }
  }
}
