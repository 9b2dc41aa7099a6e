import Storage
import Testing

@Suite struct JSONStreamTests {
  private static let document = #"""
    {"a": [1, -2.5e3, true, false, null], "é\u00e9\"": "x\n", "deep": {"": [{"b": []}]},
     "numbers": [0, -0.0, 1E400, 12345678901234567890123], "pair": "\ud83d\ude00"}
    """#

  /// The error of moving past a whole document; nil when there is none.
  private func streamError(_ bytes: [UInt8], window: Int) -> String? {
    var stream = JSONStream(bytes, source: "x", window: window)
    do {
      try stream.skip()
      try stream.expectEnd()
      return nil
    } catch { return "\(error)" }
  }

  private func readerError(_ bytes: [UInt8]) -> String? {
    var reader = JSONReader(bytes, source: "x")
    do {
      try reader.skip()
      try reader.expectEnd()
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: [1, 2, 3, 7, 64, 1 << 18])
  func `values are the same wherever the text is cut`(_ window: Int) throws {
    let text = #" {"k\u0041": [1.5, -2e3, "é\"\\"], "skipped": {"a": [true, null, "]"]}} "#
    var stream = JSONStream(Array(text.utf8), source: "x", window: window)
    var (keys, numbers, strings) = ([String](), [Double](), [String]())
    try stream.object { key, stream in
      keys.append(key)
      guard key != "skipped" else { return try stream.skip() }
      try stream.array { stream in
        if try stream.peek() == 0x22 {
          strings.append(try stream.string())
        } else {
          numbers.append(try stream.number())
        }
      }
    }
    try stream.expectEnd()
    #expect(keys == ["kA", "skipped"] && numbers == [1.5, -2000] && strings == [#"é"\"#])
  }

  @Test func `a text that ends early is refused as by the reader of whole texts`() {
    let bytes = Array(Self.document.utf8)
    for length in 0...bytes.count {
      let part = Array(bytes[..<length])
      #expect(streamError(part, window: 5) == readerError(part), "\(length) bytes")
    }
  }

  @Test func `a changed byte is judged as by the reader of whole texts`() {
    let bytes = Array(Self.document.utf8)
    for index in bytes.indices {
      for byte in [0x00, 0x22, 0x2C, 0x2E, 0x30, 0x5B, 0x5C, 0x65, 0x7D, 0x80, 0xFF] as [UInt8] {
        var changed = bytes
        changed[index] = byte
        #expect(
          streamError(changed, window: 1 + index % 40) == readerError(changed),
          "byte \(index) as \(byte)")
      }
    }
  }

  @Test func `endless tokens and endless nesting are refused`() {
    let long = [0x22] + [UInt8](repeating: 0x61, count: JSONStream.tokenLimit + 1000) + [0x22]
    #expect(streamError(long, window: 1 << 16)?.contains("byte 0: string or number of") == true)
    let digits = [UInt8](repeating: 0x31, count: JSONStream.tokenLimit + 1000)
    #expect(streamError(digits, window: 1 << 16)?.contains("byte 0: string or number of") == true)
    let deep = [UInt8](repeating: 0x5B, count: 1_000_000)
    #expect(
      streamError(deep, window: 100) == "x: invalid JSON at byte 64: nested deeper than 64 levels")
  }

  @Test func `an error of the source comes through`() {
    var stream = JSONStream(source: "x") { _, _ throws(StorageError) in
      throw .notFound(path: "there")
    }
    let error = #expect(throws: StorageError.self) { try expectArray(&stream) }
    #expect(error == .notFound(path: "there"))
  }

  private func expectArray(_ stream: inout JSONStream) throws { try stream.expect("[") }
}
