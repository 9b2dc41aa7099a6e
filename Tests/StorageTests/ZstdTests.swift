import Storage
import Testing

@Suite struct ZstdTests {
  /// "first line\n" and "second line\n" by `zstd -19 --check`.
  private static let first: [UInt8] = [
    0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x68, 0x59, 0x00, 0x00, 0x66, 0x69, 0x72, 0x73, 0x74,
    0x20, 0x6C, 0x69, 0x6E, 0x65, 0x0A, 0x9D, 0x96, 0x59, 0x36,
  ]
  private static let second: [UInt8] = [
    0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x68, 0x61, 0x00, 0x00, 0x73, 0x65, 0x63, 0x6F, 0x6E,
    0x64, 0x20, 0x6C, 0x69, 0x6E, 0x65, 0x0A, 0xC3, 0x05, 0xBB, 0x72,
  ]
  /// "ab" 500 times by the same.
  private static let repeated: [UInt8] = [
    0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x68, 0x4D, 0x00, 0x00, 0x10, 0x61, 0x62, 0x01, 0x00,
    0xE3, 0xAB, 0x1C, 0x16, 0x95, 0xED, 0x70, 0x9D,
  ]
  /// A frame to skip with four bytes of content (RFC 8878, section 3.1.2).
  private static let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]

  @Test func `frames follow one another, and skippable ones have no content`() throws {
    let file = Self.skippable + Self.first + Self.second + Self.skippable
    let content = try Zstd.decompress(file, source: "x", limit: 100)
    #expect(String(decoding: content, as: UTF8.self) == "first line\nsecond line\n")
    #expect(try Zstd.decompress(Self.skippable, source: "x", limit: 0) == [])
  }

  @Test func `compressed blocks are read`() throws {
    let content = try Zstd.decompress(Self.repeated, source: "x", limit: 1000)
    #expect(content == Array(repeatElement("ab", count: 500).joined().utf8))
  }

  @Test func `only the magic numbers make a file Zstandard`() {
    #expect(Zstd.isZstd(Self.first) && Zstd.isZstd(Self.skippable))
    for bytes in [[], [0x28, 0xB5, 0x2F], Array("{\"a\"}".utf8), [0x5A, 0x2A, 0x4D, 0x19, 0]]
      as [[UInt8]]
    {
      #expect(!Zstd.isZstd(bytes))
    }
  }

  @Test func `a file that ends early is refused at every length`() {
    let file = Self.first + Self.second
    for length in 0..<file.count where length != Self.first.count {
      let part = Array(file[..<length])
      #expect(
        throws: StorageError.damagedZstd(path: "x", byte: length, reason: "the file is truncated"),
        "\(length)"
      ) { try Zstd.decompress(part, source: "x", limit: 100) }
    }
  }

  @Test func `a flipped bit is refused or means nothing`() {
    let content = try? Zstd.decompress(Self.repeated, source: "x", limit: 1000)
    var refused = 0
    for bit in 0..<8 * Self.repeated.count {
      var file = Self.repeated
      file[bit / 8] ^= 1 << (bit % 8)
      do {
        // Without the flag of the check sum, its bytes would be data behind the frame.
        let same = try Zstd.decompress(file, source: "x", limit: 1000) == content
        #expect(same, "bit \(bit)")
      } catch { refused += 1 }
    }
    #expect(refused > 150)
  }

  @Test func `data behind the last frame is refused`() {
    #expect(throws: StorageError.self) {
      try Zstd.decompress(Self.first + Array("text".utf8), source: "x", limit: 100)
    }
  }

  @Test func `a bomb is refused before it fills memory`() throws {
    // A window of 128 KiB and 8000 blocks that each stand for 128 KiB of one byte: a gigabyte.
    let block: [UInt8] = [0x02, 0x00, 0x10, 0x00]
    let bomb =
      [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38] + Array(repeatElement(block, count: 8000).joined())
    #expect(throws: StorageError.tooLarge(path: "bomb", limit: 1 << 20)) {
      try Zstd.decompress(bomb, source: "bomb", limit: 1 << 20)
    }
    let short = Array(bomb[..<10]) + [0x03, 0x00, 0x10, 0x00]
    #expect(try Zstd.decompress(short, source: "short", limit: 1 << 20).count == 1 << 18)
  }

  @Test func `a frame that wants a window beyond 128 MiB is refused`() {
    #expect(throws: StorageError.self) {
      try Zstd.decompress(
        [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x98, 0x01, 0, 0], source: "x", limit: 1 << 40)
    }
  }

  @Test func `a file is decompressed by what it begins with`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/export.json"
      try FileSystem.writeFileAtomically(Self.first, to: path)
      let file = try FileSystem.readPossiblyCompressed(at: path, limit: 100)
      #expect(String(decoding: file.bytes, as: UTF8.self) == "first line\n")
      #expect(file.sizeOnDisk == Self.first.count)
    }
  }
}
