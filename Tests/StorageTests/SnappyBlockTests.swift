import Storage
import Testing

@Suite struct SnappyBlockTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test(arguments: [0, 1, 3, 4, 59, 60, 61, 62, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])
  func `bytes survive a round trip`(count: Int) throws {
    var random = Random(state: UInt64(count) + 1)
    let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    let runs = (0..<count).map { UInt8($0 / 97 % 5) }
    let words = Array(
      String(repeating: "http_requests_total{code=\"500\"} ", count: count / 32).utf8)
    for bytes in [noise, runs, words, [UInt8](repeating: 0, count: count)] {
      let block = SnappyBlock.compress(bytes)
      #expect(try SnappyBlock.decompress(block, limit: bytes.count) == bytes)
    }
    if words.count > 200 { #expect(SnappyBlock.compress(words).count * 4 <= words.count) }
  }

  @Test func `blocks of the reference implementation are read`() throws {
    // Snappy 1.1.10 of "Wikipedia is a free, web-based, collaborative, multilingual encyclopedia
    // project.", and one with each kind of copy, put together by the format's description.
    let text = "Wikipedia is a free, web-based, collaborative, multilingual encyclopedia project."
    let literal: [UInt8] = [0x51, 0xF0, 0x50] + Array(text.utf8)
    #expect(try SnappyBlock.decompress(literal, limit: 100) == Array(text.utf8))
    let copies: [UInt8] = [
      0x18, 0x0C, 0x61, 0x62, 0x63, 0x64,  // 24 bytes: "abcd"
      0x01, 0x04,  // 4 bytes from 4 back
      0x1E, 0x08, 0x00,  // 8 bytes from 8 back
      0x1F, 0x01, 0x00, 0x00, 0x00,  // 8 times the last one
    ]
    #expect(
      try SnappyBlock.decompress(copies, limit: 24) == Array("abcdabcdabcdabcddddddddd".utf8))
  }

  @Test func `a block that announces too much takes no memory for it`() {
    #expect(throws: SnappyBlock.Failure.tooLarge(size: 4_294_967_295, limit: 1 << 20)) {
      try SnappyBlock.decompress([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00, 0x00], limit: 1 << 20)
    }
  }

  @Test(
    arguments: [
      [], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x05], [0x05, 0x10, 0x61],
      [0x04, 0x0C, 0x61], [0x04, 0x01, 0x00], [0x08, 0x00, 0x61, 0x01, 0x02],
      [0x01, 0x04, 0x61, 0x62],
      [0x04, 0xF0], [0x08, 0x00, 0x61, 0x1D, 0x01], [0x04, 0x00, 0x61, 0x1D, 0x01],
    ] as [[UInt8]])
  func `damage is told with its place`(block: [UInt8]) {
    #expect(throws: SnappyBlock.Failure.self) { try SnappyBlock.decompress(block, limit: 100) }
  }

  @Test func `no bytes at all make it trap or grow beyond the limit`() {
    var random = Random(state: 7)
    let sound = SnappyBlock.compress((0..<4_000).map { UInt8($0 / 3 % 7) })
    for round in 0..<20_000 {
      var block =
        round % 2 == 0 ? sound : (0..<40).map { _ in .random(in: 0...255, using: &random) }
      for _ in 0..<3 {
        block[Int.random(in: 0..<block.count, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      }
      if let bytes = try? SnappyBlock.decompress(block, limit: 5_000) {
        #expect(bytes.count <= 5_000)
      }
    }
  }
}

@Suite struct ProtobufReaderTests {
  @Test func `what the writer writes is read`() throws {
    var writer = ProtobufWriter()
    writer.add(-3, field: 1)
    writer.add(0.1 + 0.2, field: 2)
    writer.add("grün", field: 3)
    writer.add(Float(1.5), field: 4)
    writer.add(field: 5) { $0.add(7, field: 1) }
    var reader = ProtobufReader(writer.bytes)
    #expect(try reader.next()?.field == 1)
    #expect(Int64(bitPattern: try reader.varint()) == -3)
    #expect(try reader.next()?.type == .fixed64)
    #expect(try reader.double() == 0.1 + 0.2)
    _ = try reader.next()
    #expect(try reader.text(limit: 5) == "grün")
    let float = try #require(try reader.next())
    try reader.skip(float.type)
    _ = try reader.next()
    var inner = ProtobufReader(writer.bytes, range: try reader.delimited())
    #expect(try inner.next()?.field == 1)
    #expect(try inner.varint() == 7)
    #expect(try inner.next() == nil)
    #expect(try reader.next() == nil)
  }

  @Test(
    arguments: [
      ([0x0B], "wire type 3"), ([0x07], "wire type 7"), ([0x00], "field number"),
      ([0x0A, 0x05, 0x61], "5 bytes announced, 1 left"), ([0x08, 0x80], "cut short"),
      ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x00], "64 bits"),
      ([0x09, 0x00], "cut short"), ([0x0A, 0x01, 0xFF], "UTF-8"),
      ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "announced"),
    ] as [([UInt8], String)])
  func `damage is told with its place`(bytes: [UInt8], reason: String) {
    let failure = #expect(throws: ProtobufReader.Failure.self) {
      var reader = ProtobufReader(bytes)
      while let (_, type) = try reader.next() {
        switch type {
        case .delimited: _ = try reader.text(limit: 100)
        case .fixed64: _ = try reader.double()
        default: try reader.skip(type)
        }
      }
    }
    #expect(failure?.description.contains(reason) == true, "\(failure.debugDescription)")
  }
}
