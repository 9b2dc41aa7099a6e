import Storage
import Testing

@Suite struct JSONReaderTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-0", "12", "-1.5e-3", "1E+2", "\"\"", "[]", "{}", " [ 1 , 2 ] ",
    "\t{\"a\"\n:\r{} }\n", "[[],{}]", #""\u0041\n\t\b\f\r\/\\\"""#, "\"é 🙂 \u{7F}\"",
    #"{"":""}"#, "123456789012345678901234567890", "0.1e-400",
  ])
  func `what RFC 8259 allows is read`(text: String) throws {
    _ = try JSONValue(parsing: Array(text.utf8), source: "x")
    var reader = JSONReader(Array(text.utf8), source: "x")
    try reader.skip()
    try reader.expectEnd()
  }

  @Test(arguments: [
    ("", 0), ("  ", 2), ("nul", 0), ("True", 0), ("NaN", 0), ("Infinity", 0), ("'a'", 0),
    ("+1", 0), (".5", 0), ("01", 2), ("-", 1), ("-a", 1), ("1.", 2), ("1.e2", 2), ("1e", 2),
    ("1e+", 3), ("0x10", 1), ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("[1", 2), ("]", 0),
    ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("{a:1}", 1), ("{1:1}", 1),
    ("1 2", 2), ("{} x", 3), ("\"a", 2), ("\"a\nb\"", 2), (#""\x""#, 2), (#""\u12G4""#, 5),
    (#""\u12"#, 5), ("// c", 0), ("[1]\u{FEFF}", 3), ("\u{FEFF}[1]", 0),
  ])
  func `anything else is refused at the byte where it goes wrong`(text: String, byte: Int) {
    let error = #expect(throws: StorageError.self) {
      try JSONValue(parsing: Array(text.utf8), source: "x")
    }
    guard case .invalidJSON(source: "x", byte: byte, reason: _) = error else {
      Issue.record("expected byte \(byte), found \(String(describing: error))")
      return
    }
    #expect(throws: StorageError.self) {
      var reader = JSONReader(Array(text.utf8), source: "x")
      try reader.skip()
      try reader.expectEnd()
    }
  }

  @Test func `escapes and surrogate pairs become their characters`() throws {
    var reader = JSONReader(
      Array(#""a\u00e9\uD83D\uDE42\u0000\"\\\/\b\f\n\r\t""#.utf8), source: "x")
    #expect(try reader.string() == "aé🙂\0\"\\/\u{8}\u{C}\n\r\t")
  }

  @Test(arguments: [
    #""\uD83D""#, #""\uDE42""#, #""\uD83D\n""#, #""\uD83Dxx""#, #""\uD83D\u0041""#,
    #""\uDE42\uD83D""#,
  ])
  func `half a surrogate pair is refused`(text: String) {
    let error = #expect(throws: StorageError.self) {
      try JSONValue(parsing: Array(text.utf8), source: "x")
    }
    #expect(error?.description.hasSuffix("lone surrogate in a string") == true)
  }

  @Test(
    arguments: [
      [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0x5C, 0x6E, 0xC3],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused where the string begins`(bytes: [UInt8]) {
    #expect(
      throws: StorageError.invalidJSON(
        source: "x", byte: 1, reason: "string is not valid UTF-8")
    ) { try JSONValue(parsing: [0x22] + bytes + [0x22], source: "x") }
  }

  @Test func `nesting is followed to the limit and no deeper`() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try JSONValue(parsing: nested(JSONReader.depthLimit), source: "x")
    for depth in [JSONReader.depthLimit + 1, 1_000_000] {
      let deep = nested(depth)
      let expected = StorageError.invalidJSON(
        source: "x", byte: JSONReader.depthLimit, reason: "nested deeper than 64 levels")
      #expect(throws: expected) { try JSONValue(parsing: deep, source: "x") }
      #expect(throws: expected) {
        var reader = JSONReader(deep, source: "x")
        try reader.skip()
      }
    }
  }

  @Test func `every prefix of a document is refused as truncated`() throws {
    let text = #"{"a":[1,-2.5e3,"x\u00e9\uD83D\uDE42"],"b":{"c":null,"d":[true,false]},"é":"🙂"}"#
    let bytes = Array(text.utf8)
    _ = try JSONValue(parsing: bytes, source: "x")
    for length in 0..<bytes.count {
      let prefix = Array(bytes[..<length])
      let error = #expect(throws: StorageError.self) { try JSONValue(parsing: prefix, source: "x") }
      guard case .invalidJSON(_, let byte, _) = error else {
        Issue.record("prefix of \(length) bytes: \(String(describing: error))")
        continue
      }
      #expect(byte <= length)
      var reader = JSONReader(prefix, source: "x")
      #expect(throws: StorageError.self) { try reader.skip() }
    }
  }

  @Test func `every single changed byte is read or refused`() {
    let bytes = Array(#"{"a":[1,-2.5e3,"x\u00e9\uD83D\uDE42"],"b":{"c":null,"d":true}}"#.utf8)
    var refused = 0
    for index in bytes.indices {
      for flip in [0x01, 0x20, 0x80, 0xFF] as [UInt8] {
        var changed = bytes
        changed[index] ^= flip
        do { _ = try JSONValue(parsing: changed, source: "x") } catch { refused += 1 }
      }
    }
    #expect(refused > bytes.count)
  }

  @Test(arguments: [
    ("0.1", 0.1), ("-0.0", -0.0), ("1e22", 1e22), ("9007199254740993", 9_007_199_254_740_992),
    ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown), ("1e-400", 0),
    ("5e-324", Double.leastNonzeroMagnitude),
    ("1.7976931348623157e308", Double.greatestFiniteMagnitude),
  ])
  func `numbers round to the nearest double`(text: String, expected: Double) throws {
    var reader = JSONReader(Array(text.utf8), source: "x")
    #expect(try reader.number().bitPattern == expected.bitPattern)
  }

  @Test func `a number beyond every double is refused, not made infinite`() {
    #expect(
      throws: StorageError.invalidJSON(
        source: "x", byte: 1, reason: "number outside the range of a double")
    ) { try JSONValue(parsing: Array("[1e309]".utf8), source: "x") }
  }

  @Test(arguments: [
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("1e3", 1000),
    ("2.50e1", 25), ("-0", 0),
  ])
  func `whole numbers are exact over 64 bits`(text: String, expected: Int) throws {
    var reader = JSONReader(Array(text.utf8), source: "x")
    #expect(try reader.integer() == expected)
  }

  @Test(arguments: ["9223372036854775808", "1.5", "1e-1", "1e300", "1e400"])
  func `numbers that are not whole or do not fit are refused`(text: String) {
    var reader = JSONReader(Array(text.utf8), source: "x")
    #expect(
      throws: StorageError.invalidJSON(
        source: "x", byte: 0, reason: "expected a whole number within 64 bits")
    ) { try reader.integer() }
  }

  @Test func `a member given twice is refused`() {
    #expect(
      throws: StorageError.invalidJSON(source: "x", byte: 13, reason: "second member 'a'")
    ) { try JSONValue(parsing: Array(#"{"a":1 , "a":1}"#.utf8), source: "x") }
  }

  @Test func `objects and arrays can be taken apart in passing`() throws {
    var reader = JSONReader(
      Array(#"{"skip":[1,{}],"values":[1.5,2],"none":null}"#.utf8), source: "x")
    var values: [Double] = []
    var keys: [String] = []
    try reader.object { key, reader in
      keys.append(key)
      if key == "values" {
        try reader.array { values.append(try $0.number()) }
      } else {
        try reader.skip()
      }
    }
    try reader.expectEnd()
    #expect(keys == ["skip", "values", "none"])
    #expect(values == [1.5, 2])
  }

  @Test func `a part of a larger text is read alone, with places in the whole`() throws {
    let bytes = Array("xx[1]yy".utf8)
    var reader = JSONReader(bytes, range: 2..<5, source: "x")
    #expect(try reader.value() == [1])
    try reader.expectEnd()
    var cut = JSONReader(bytes, range: 2..<4, source: "x", offset: 1000)
    #expect(
      throws: StorageError.invalidJSON(
        source: "x", byte: 1004, reason: "unexpected end; the text is truncated")
    ) { try cut.value() }
  }
}
