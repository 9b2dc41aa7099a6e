import Storage
import Testing

/// Lines that one form of the scanner takes, and where the first one begins that it leaves.
private struct Scan: Equatable {
  var times: [Int64] = []
  var lines: [String] = []
  var numbers: [Int32] = []
  var position = 0
  var unknown: Range<Int>?

  init(_ buffer: LogLineBuffer) {
    times = Array(buffer.times[..<buffer.count])
    numbers = Array(buffer.numbers[..<buffer.count])
    lines = (0..<buffer.count).map {
      String(decoding: buffer.text[buffer.range(of: $0)], as: UTF8.self)
    }
  }
}

@Suite struct LogLineScanTests {
  private func window(_ text: [UInt8]) throws -> ByteWindow {
    try withTemporaryFolder { folder in
      try FileSystem.writeFileAtomically(text, to: "\(folder)/lines")
      var window = ByteWindow(size: text.count + 100)
      try ByteSource(opening: "\(folder)/lines", limit: 1 << 20).advance(&window, to: 0)
      return window
    }
  }

  private func lines(
    _ text: [UInt8], portable: Bool, known: [String] = ["{}", #"{"app":"shop"}"#]
  ) throws -> Scan {
    var texts = LabelTexts()
    for (number, labels) in known.enumerated() {
      texts.set(Array(labels.utf8), number: Int32(number))
    }
    var buffer = LogLineBuffer(capacity: 100)
    let (position, unknown) = try window(text).takeLogLines(
      from: 0, limit: 1000, labels: texts, into: &buffer, portable: portable)
    var scan = Scan(buffer)
    (scan.position, scan.unknown) = (position, unknown)
    return scan
  }

  private func line(_ text: String, at time: String = "2026-01-05T00:00:00Z") -> String {
    #"{"labels":{"app":"shop"},"line":"\#(text)","timestamp":"\#(time)"}"# + "\n"
  }

  @Test(arguments: [false, true])
  func `lines of any length are taken with what they hold`(portable: Bool) throws {
    let plain = "0123456789 abcdefghij é \u{1F600} "
    let texts = (0..<100).map { length in
      String(String(repeating: plain, count: 5).prefix(length))
    }
    let scan = try lines(Array(texts.map { line($0) }.joined().utf8), portable: portable)
    #expect(scan.lines == texts)
    #expect(scan.times == Array(repeating: 1_767_571_200_000_000_000, count: 100))
    #expect(scan.numbers == Array(repeating: 1, count: 100))
  }

  @Test(arguments: [false, true])
  func `escapes become their characters wherever they stand`(portable: Bool) throws {
    for offset in 0..<40 {
      let head = String(repeating: "x", count: offset)
      let escaped = head + #"\"\\\/\b\f\n\r\t\u0000\u00e9\u6ce8\uD83D\uDE00"# + head
      let scan = try lines(Array(line(escaped).utf8), portable: portable)
      #expect(
        scan.lines == [head + "\"\\/\u{8}\u{C}\n\r\t\0é注\u{1F600}" + head], "\(offset)")
    }
  }

  @Test(arguments: [false, true])
  func `instants have nanoseconds and offsets`(portable: Bool) throws {
    let instants: [(String, Int64)] = [
      ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.1Z", 100_000_000),
      ("1970-01-01T01:30:00.000000001+01:30", 1), ("1969-12-31T23:59:59.999999999Z", -1),
      ("2024-02-29T12:34:56.12345678Z", 1_709_210_096_123_456_780),
      ("2000-03-01T00:00:00-00:00", 951_868_800_000_000_000),
      ("1679-01-01T00:00:00Z", -9_183_024_000_000_000_000),
      ("2260-12-31T23:59:59.999999999Z", 9_183_110_399_999_999_999),
    ]
    let scan = try lines(
      Array(instants.map { line("x", at: $0.0) }.joined().utf8), portable: portable)
    #expect(scan.times == instants.map(\.1))
  }

  @Test(arguments: [
    "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100", "1678-12-31T23:59:59Z",
    "2261-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ", "+026-01-01T00:00:00Z", "",
  ])
  func `any other form of an instant is left`(_ time: String) throws {
    for portable in [false, true] {
      let scan = try lines(Array((line("a") + line("b", at: time)).utf8), portable: portable)
      #expect(scan.lines == ["a"] && scan.position == line("a").utf8.count)
    }
  }

  @Test(arguments: [
    #"{"line":"x","timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{ "timestamp" : "2026-01-05T00:00:00Z" ,"labels" :{},"line": "x" }"# + "\r",
    #"{"a":{"b":["]",{"}":-1.5e+3}],"c":null},"line":"x","d":true,"timestamp":"2026-01-05T00:00:00Z","e":false}"#,
  ])
  func `members come in any order and among others`(_ text: String) throws {
    for portable in [false, true] {
      #expect(try lines(Array("\(text)\n".utf8), portable: portable).lines == ["x"])
      // The last line of a file may lack its line feed; that is for others to say.
      #expect(try lines(Array(text.utf8), portable: portable).lines.isEmpty)
    }
  }

  @Test(arguments: [
    "", "x", "{}", #"{"line":"x"}"#, #"{"timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{"line":"x","line":"x","timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{"line":"x","timestamp":"2026-01-05T00:00:00Z",}"#,
    #"{"line":"x","timestamp":"2026-01-05T00:00:00Z"}}"#,
    #"{"line":"x","timestamp":"2026-01-05T00:00:00Z","a":01}"#,
    #"{"line":"x","timestamp":"2026-01-05T00:00:00Z","a":tru}"#,
    #"{"line":"x","timestamp":"2026-01-05T00:00:00Z","l\u0061bels":{}}"#,
    #"{"line":"\x","timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{"line":"\ud800","timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{"line":"\ud800\u0041","timestamp":"2026-01-05T00:00:00Z"}"#,
    "{\"line\":\"a\tb\",\"timestamp\":\"2026-01-05T00:00:00Z\"}",
    #"{"labels":{"app":"cart"},"line":"x","timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{"labels":null,"line":"x","timestamp":"2026-01-05T00:00:00Z"}"#,
    #"{"line":null,"timestamp":"2026-01-05T00:00:00Z"}"#,
  ])
  func `any other line is left`(_ text: String) throws {
    for portable in [false, true] {
      let scan = try lines(Array((line("a") + text + "\n" + line("b")).utf8), portable: portable)
      #expect(scan.lines == ["a"], "\(text)")
    }
  }

  @Test func `labels that are not known are told by their place`() throws {
    for labels in [#"{"a":"}\"{","b":"é"}"#, #"{"a":"\#(String(repeating: "x", count: 200))"}"#] {
      for portable in [false, true] {
        let text = line("a") + line("b").replacing(#"{"app":"shop"}"#, with: labels)
        let scan = try lines(Array(text.utf8), portable: portable)
        let range = try #require(scan.unknown)
        #expect(String(decoding: Array(text.utf8)[range], as: UTF8.self) == labels)
        let known = try lines(
          Array(text.utf8), portable: portable, known: [#"{"app":"shop"}"#, labels])
        #expect(known.numbers == [0, 1] && known.unknown == nil)
      }
    }
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xC3, 0xC3, 0xA9],
    ] as [[UInt8]])
  func `what is not UTF-8 is left`(_ bytes: [UInt8]) throws {
    for portable in [false, true] {
      for offset in [0, 7, 31, 40] {
        let text = line(String(repeating: "é", count: offset) + "?").utf8.flatMap {
          $0 == 0x3F ? bytes : [$0]
        }
        #expect(try lines(text, portable: portable).lines.isEmpty, "\(bytes)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `elements of an answer are taken wherever it is cut`(portable: Bool) throws {
    let entries = (0..<60).map { index -> (text: String, time: Int64, line: String) in
      let line = String(repeating: "é\(index) ", count: index % 30)
      let time =
        [1_767_571_200_000_000_000, 17, 0, 1_234_567_890_123_456][index % 4] + Int64(index)
      let rest = index % 3 == 0 ? #", {"trace":"1","n":[1.5]}"# : ""
      return (#"["\#(time)", "\#(line)"\#(rest)]"#, time, line)
    }
    let text = Array(("[" + entries.map(\.text).joined(separator: " ,\n") + "]").utf8)
    for window in [1, 7, 64, 100, 333, 1 << 18] {
      var stream = JSONStream(text, source: "x", window: window)
      var buffer = LogLineBuffer(capacity: 100)
      try stream.expect("[")
      repeat {
        #expect(try stream.takeLogEntries(into: &buffer, portable: portable))
      } while try stream.take(",")
      try stream.expect("]")
      let scan = Scan(buffer)
      #expect(scan.times == entries.map(\.time) && scan.lines == entries.map(\.line))
    }
  }

  @Test(arguments: [
    #"["","x"]"#, #"["-1","x"]"#, #"["+1","x"]"#, #"["9223372036854775808","x"]"#,
    #"["12345678901234567890","x"]"#, #"[1,"x"]"#, #"["1",null]"#, #"["1"]"#, #"["1","x",]"#,
    #"["\u0031","x"]"#, #"["1","x"}"#, "{}",
  ])
  func `any other element is left`(_ element: String) throws {
    for portable in [false, true] {
      var stream = JSONStream(Array(#"["5","a"],\#(element),["6","b"]"#.utf8), source: "x")
      var buffer = LogLineBuffer()
      #expect(try stream.takeLogEntries(into: &buffer, portable: portable))
      #expect(try stream.take(","))
      #expect(try !stream.takeLogEntries(into: &buffer, portable: portable))
      #expect(buffer.count == 1)
    }
  }

  @Test func `both forms make the same of damaged texts`() throws {
    var random = SeededRandom(seed: 5)
    let seed = Array(
      (line(#"a \"b\" \u00e9 é"#) + line("c", at: "2026-01-05T01:00:00.5+01:00")).utf8)
    for _ in 0..<5000 {
      var text = seed
      for _ in 0...random.next(below: 3) {
        let at = random.next(below: text.count)
        switch random.next(below: 3) {
        case 0: text[at] ^= 1 << random.next(below: 8)
        case 1: text[at] = [0x22, 0x5C, 0x7B, 0x7D, 0x3A, 0x2C, 0x20, 0x0A][random.next(below: 8)]
        default: text.remove(at: at)
        }
      }
      #expect(try lines(text, portable: false) == lines(text, portable: true))
    }
  }
}
