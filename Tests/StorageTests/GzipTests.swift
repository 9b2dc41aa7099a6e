import Storage
import Testing

@Suite struct GzipTests {
  /// "first line\n" by `gzip -9`, with a file name and a time in the header.
  private static let named = bytes(
    "1f8b08089746046b0203612e747874004bcb2c2a2e51c8c9cc4be5020010fcefbd0b000000")
  /// "second line\n" by Python's gzip module.
  private static let plain = bytes(
    "1f8b080000f1536502ff2b4e4dcecf4b51c8c9cc4be502004d3346ad0c000000")

  @Test(arguments: [0, 1, 17, 1 << 18, (1 << 18) + 1, 3_000_000])
  func `content survives a round trip`(count: Int) throws {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    let file = Gzip.compress(content)
    #expect(Gzip.isGzip(file))
    #expect(try Gzip.decompress(file, source: "x", limit: count) == content)
    #expect(Gzip.compress(content) == file)
  }

  @Test func `a header says nothing about when, where and by whom it was made`() {
    #expect(Gzip.compress([1, 2, 3]).prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255])
  }

  @Test func `members follow one another, zeros at the end are padding`() throws {
    let file = Self.named + Self.plain + [0, 0, 0]
    let content = try Gzip.decompress(file, source: "x", limit: 100)
    #expect(String(decoding: content, as: UTF8.self) == "first line\nsecond line\n")
  }

  @Test func `only the magic number makes a file gzip`() {
    #expect(Gzip.isGzip(Self.plain))
    for bytes in [[], [0x1F], Array("{}".utf8), [0x8B, 0x1F]] as [[UInt8]] {
      #expect(!Gzip.isGzip(bytes))
    }
  }

  @Test func `a file that ends early is refused at every length`() throws {
    let file = Self.named + Self.plain
    for length in 0..<file.count where length != Self.named.count {
      #expect(
        throws: StorageError.damagedGzip(
          path: "cut.gz", byte: length, reason: "the file is truncated")
      ) { try Gzip.decompress(Array(file[..<length]), source: "cut.gz", limit: 100) }
    }
  }

  @Test func `a changed byte of data or check sum is refused`() throws {
    // Byte 23 ends the data with bits that mean nothing.
    for index in 10..<Self.plain.count where index != 23 {
      var file = Self.plain
      file[index] ^= 0x10
      let error = #expect(throws: StorageError.self) {
        try Gzip.decompress(file, source: "x", limit: 100)
      }
      guard case .damagedGzip(path: "x", byte: 0...file.count, reason: _) = error else {
        Issue.record("byte \(index): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func `the check sum's error names its place`() {
    var file = Self.plain
    file[file.count - 5] ^= 1
    let error = #expect(throws: StorageError.self) {
      try Gzip.decompress(file, source: "x.gz", limit: 100)
    }
    #expect(
      error?.description == "x.gz: damaged gzip at compressed byte \(file.count - 4): "
        + "incorrect data check; export the file again")
  }

  @Test func `data after the last member is refused`() {
    #expect(
      throws: StorageError.damagedGzip(
        path: "x", byte: Self.plain.count + 1, reason: "data after the last member")
    ) { try Gzip.decompress(Self.plain + [0, 7], source: "x", limit: 100) }
    #expect(throws: StorageError.self) {
      try Gzip.decompress(Self.plain + Array("text".utf8), source: "x", limit: 100)
    }
  }

  @Test func `a bomb is refused before it fills memory`() {
    let bomb = Gzip.compress([UInt8](repeating: 0, count: 50_000_000))
    #expect(bomb.count < 100_000)
    #expect(throws: StorageError.tooLarge(path: "bomb", limit: 1000)) {
      try Gzip.decompress(bomb, source: "bomb", limit: 1000)
    }
    #expect(throws: StorageError.tooLarge(path: "bomb", limit: 49_999_999)) {
      try Gzip.decompress(bomb, source: "bomb", limit: 49_999_999)
    }
  }
}

private func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}
