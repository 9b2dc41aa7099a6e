import Storage
import Testing

@Suite struct ByteSourceTests {
  private static let content = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }

  /// The content that windows of a size bring when every window leaves some bytes to the next.
  private func windows(of path: String, size: Int, keeping: Int) throws -> [UInt8] {
    let source = try ByteSource(opening: path, limit: 1_000_000)
    var window = ByteWindow(size: size)
    var (taken, used): ([UInt8], Int) = ([], 0)
    repeat {
      try source.advance(&window, to: used)
      #expect(window.offset == taken.count)
      used = window.isLast ? window.count : max(0, window.count - keeping)
      taken += window.bytes[..<used]
    } while !window.isLast
    return taken
  }

  @Test(arguments: [(1, 0), (7, 3), (1000, 999), (1000, 1000), (1 << 18, 5), (1 << 20, 0)])
  func `windows of any size bring all of the content, with what the last one left`(
    size: Int, keeping: Int
  ) throws {
    let content = size > 100 ? Self.content : Array(Self.content.prefix(5000))
    try withTemporaryFolder { folder in
      let packed = Gzip.compress(Array(content.prefix(999))) + Gzip.compress(content)
      try FileSystem.writeFileAtomically(content, to: "\(folder)/plain")
      try FileSystem.writeFileAtomically(packed + [0, 0], to: "\(folder)/packed")
      #expect(try windows(of: "\(folder)/plain", size: size, keeping: keeping) == content)
      #expect(
        try windows(of: "\(folder)/packed", size: size, keeping: keeping)
          == content.prefix(999) + content)
    }
  }

  @Test func `a file is identified by its bytes on disk, read to the end or not`() throws {
    try withTemporaryFolder { folder in
      for stored in [Self.content, Gzip.compress(Self.content), [], [0x1F], [0x0A]] {
        try FileSystem.writeFileAtomically(stored, to: "\(folder)/x")
        let (whole, part) = (
          try ByteSource(opening: "\(folder)/x", limit: 1_000_000),
          try ByteSource(opening: "\(folder)/x", limit: 1_000_000)
        )
        let bytes = try whole.readAll()
        #expect(bytes == (stored.count > 2 ? Self.content : stored))
        var window = ByteWindow(size: 100)
        try part.advance(&window, to: 0)
        for source in [whole, part] {
          let (sha256, size) = try source.finish()
          #expect(sha256 == SHA256Digest.hexadecimal(of: stored))
          #expect(size == stored.count)
        }
      }
    }
  }

  @Test func `more than the limit is refused, on disk and decompressed`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x"
      let refusal = StorageError.tooLarge(path: path, limit: 1000)
      try FileSystem.writeFileAtomically(Self.content, to: path)
      #expect(throws: refusal) { try ByteSource(opening: path, limit: 1000) }
      #expect(throws: refusal) { try ByteSource(opening: path, limit: .max).readAll(limit: 1000) }
      let zeros = Gzip.compress([UInt8](repeating: 0, count: 1_000_000))
      #expect(zeros.count < 1010)
      try FileSystem.writeFileAtomically(zeros, to: path)
      #expect(throws: StorageError.tooLarge(path: path, limit: 1010)) {
        try ByteSource(opening: path, limit: 1010).finish()
      }
      #expect(throws: StorageError.tooLarge(path: "/dev/zero", limit: 9_000_000)) {
        try ByteSource(opening: "/dev/zero", limit: 9_000_000).readAll()
      }
    }
  }

  @Test func `damage is found where decompression of the whole file finds it`() throws {
    try withTemporaryFolder { folder in
      let content = Array("the same words, the same words, and others".utf8)
      let file = Gzip.compress(content) + Gzip.compress(content)
      var cases = (1..<file.count).map { Array(file[..<$0]) }
      cases += file.indices.map { index in
        var changed = file
        changed[index] ^= 0x41
        return changed
      }
      cases += [file + [0, 0, 7], file + [7], file + [0, 0x1F, 0x8B]]
      for bytes in cases {
        try FileSystem.writeFileAtomically(bytes, to: "\(folder)/x")
        let whole = Result { () throws(StorageError) in
          try FileSystem.readPossiblyCompressed(at: "\(folder)/x", limit: 1000).bytes
        }
        let parts = Result { () throws(StorageError) in
          try ByteSource(opening: "\(folder)/x", limit: 1000).readAll()
        }
        #expect(parts == whole)
      }
    }
  }

  @Test func `numbers come back from a scratch file, and its folder stays empty`() throws {
    try withTemporaryFolder { folder in
      let file = try ScratchFile(in: folder)
      let numbers = (0..<10_000).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
      try file.write(numbers, at: 0)
      try file.write([1, 2, 3], at: 10_000)
      #expect(try file.read(count: 10_000, at: 0) == numbers)
      #expect(try file.read(count: 2, at: 10_001) == [2, 3])
      #expect(throws: StorageError.self) { try file.read(count: 2, at: 10_002) }
      #expect(try FileSystem.contents(of: folder).isEmpty)
      #expect(throws: StorageError.self) { try ScratchFile(in: "\(folder)/none") }
    }
  }
}
