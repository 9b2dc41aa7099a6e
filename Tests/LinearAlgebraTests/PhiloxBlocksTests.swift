import LinearAlgebra
import Testing

@Suite struct PhiloxBlocksTests {
  @Test(arguments: [0, 1, 2, 17, 64]) func `values from any block on are those of the stream`(
    block: Int
  ) {
    var generator = Philox(seed: 7, purpose: "blocks", index: 3)
    let stream = (0..<300).map { _ in generator.next() }
    for count in [0, 2, 4, 30, 128] {
      var values = [UInt64](repeating: 0, count: count)
      Philox.fill(&values, seed: 7, purpose: "blocks", index: 3, fromBlock: block)
      #expect(values[...] == stream[2 * block..<2 * block + count])
    }
  }
}
