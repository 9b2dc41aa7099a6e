import Foundation
import LogTemplates
import Storage
import Telemetry
import Testing

/// Random numbers of a seed (SplitMix64; Steele, Lea and Flood, OOPSLA 2014).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

/// Mutated log lines.
private struct LineFuzzer {
  static let seeds = [
    "2023-01-29 08:41:10,649 WARN retry of job 17 after 5 ms",
    "E0129 08:41:09.123456    1 server.go:118] failed: \"no such file\" 'it''s'",
    "16:51:24.967 INFO  u.c.UserController#48 TraceID: ffc8ca7e4c8f06c7 done",
    "10.0.0.1 - - [29/Jan/2023:08:41:10 +0000] \"GET /api/v1/users/5 HTTP/1.1\" 200 12",
    #"{"level":"warn","msg":"user 5 'x' left","ts":1}"#, #"{"a":"b","n":5,"c":[{},"d\"e"]}"#,
    #"level=info msg="user \"5\" logged in" took=3ms rhost=example.org for user ann"#,
    "\u{1B}[31mERROR\u{1B}[0m Sat May 04 12:46:52 CST 2013 ids=[1, 2, 3] empty=[] () init()",
    "auth QWxhZGRpbjpvcGVuIHNlc2FtZQ1== key deadbeefdeadbeef a......0 <*> <*>: <*>, <v>",
    "計算時間\u{FF1A}175 \u{FC}ber ORD-AB,ORD-CD", "",
  ].map { Array($0.utf8) }
  static let pieces = [
    "<*>", "<", ">", "\"", "'", "\\", "\u{1B}[", "\u{1B}", "\0", " ", "\t", "\n", ":", ",", ", ",
    "=", "[", "]", "()", "[]", "{", "}", "/", ".", "..", "#", "5", "17", "Mon", "Jan", "user ",
    "for user ", "host=", "msg=\"", "KB", "ORD-", "<v>", "A.B#7", "x.go:12", "-", "0x",
  ].map { Array($0.utf8) }

  var generator: SeededGenerator

  mutating func line() -> [UInt8] {
    var line = Self.seeds.randomElement(using: &generator) ?? []
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      let place = Int.random(in: 0...line.count, using: &generator)
      let stop = Int.random(in: place...line.count, using: &generator)
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: line.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 1:
        if place < line.count { line[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
      case 2: line.removeSubrange(place..<min(stop, place + 9))
      case 3: line.insert(contentsOf: line[place..<min(stop, place + 40)], at: place)
      case 4: line.removeSubrange(place...)
      case 5: line += Self.seeds.randomElement(using: &generator) ?? []
      default:
        line.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? [], at: place)
      }
    }
    return line
  }
}

@Suite struct LogFuzzTests {
  /// Lines per test; AUTOPILOT_FUZZ_ROUNDS asks for more.
  private static let rounds =
    ProcessInfo.processInfo.environment["AUTOPILOT_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 20_000
  private static let seed =
    ProcessInfo.processInfo.environment["AUTOPILOT_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

  private var rules: LogMaskRules {
    get throws {
      try LogMaskRules(named: [
        .init(name: "v", expression: "ORD-[A-Z]+|/api/"), .init(name: "w", expression: "a+:|b|é"),
      ])
    }
  }

  @Test func `masking a pattern again changes nothing`() throws {
    for rules in [LogMaskRules(), try rules, LogMaskRules(builtIn: [])] {
      var fuzzer = LineFuzzer(generator: SeededGenerator(state: Self.seed))
      for _ in 0..<Self.rounds {
        let line = fuzzer.line()
        let once = LogMask.pattern(of: line, rules: rules).text
        let twice = LogMask.pattern(of: once, rules: rules).text
        guard once != twice else { continue }
        Issue.record("\(line) gives '\(once)', then '\(twice)'; seed \(Self.seed)")
        return
      }
    }
  }

  @Test func `a line is known once it was seen, in training, in the stream and in serving`() throws
  {
    var configuration = TemplateMiner.Configuration()
    configuration.rules = try rules
    configuration.templates = TemplateMiner.templateLimit
    var miner = TemplateMiner(configuration)
    var fuzzer = LineFuzzer(generator: SeededGenerator(state: Self.seed))
    let lines = (0..<min(Self.rounds, 20_000)).map { _ in fuzzer.line() }
    for line in lines {
      let id = miner.add(line: line.span)
      #expect(id != nil && miner.add(line: line.span) == id)
    }
    let dictionary = miner.dictionary()
    var matcher = TemplateMatcher(dictionary)
    for line in lines {
      let pattern = LogMask.pattern(of: line, rules: configuration.rules)
      let number = matcher.match(line: line.span)
      let parameters = dictionary.parameters(of: line)
      guard number == nil || number != dictionary.match(pattern) || number != parameters?.template
      else { continue }
      Issue.record("\(line) is not found as '\(pattern.text)'; seed \(Self.seed)")
      return
    }
    #expect(matcher.unknown == 0)
  }

  @Test func `a small miner stays small and a restored one agrees with it`() throws {
    var configuration = TemplateMiner.Configuration()
    configuration.templates = 50
    var miner = TemplateMiner(configuration)
    var fuzzer = LineFuzzer(generator: SeededGenerator(state: Self.seed))
    for _ in 0..<Self.rounds {
      let line = fuzzer.line()
      miner.add(line: line.span)
    }
    #expect(miner.dictionary().templates.count <= 50)
    #expect(miner.founded == miner.evicted + miner.merged + miner.dictionary().templates.count)
    var restored = try TemplateMiner(snapshot: reread(miner.snapshot))
    for _ in 0..<2000 {
      let line = fuzzer.line()
      #expect(restored.add(line: line.span) == miner.add(line: line.span))
    }
    #expect(restored.snapshot.text() == miner.snapshot.text())
  }

  @Test(arguments: [
    "a", " ", "1", "1 ", "\"", "'", "\\", "<*>", "<", "{\"a\":", "[", "\u{1B}", "\u{1B}[", "é",
    "a=b ", "/1", "..", "5 KB ", "Mon ", "x.go:1", "\n",
  ])
  func `a line of a million bytes is cut off and harmless`(_ piece: String) {
    let bytes = Array(piece.utf8)
    let line = (0..<1_000_000 / bytes.count).flatMap { _ in bytes }
    var miner = TemplateMiner()
    #expect(miner.add(line: line.span) != nil)
    let template = miner.dictionary().templates[0]
    #expect(template.text.utf8.count <= LogMask.lengthLimit)
    #expect(miner.dictionary().parameters(of: line)?.template == 0)
  }

  @Test func `damaged rules and snapshots are errors, never crashes`() throws {
    var miner = TemplateMiner()
    for pattern in shopPatterns { miner.add(pattern) }
    let text = Array(miner.snapshot.text().utf8)
    var generator = SeededGenerator(state: Self.seed)
    var refused = 0
    for _ in 0..<Self.rounds / 20 {
      var damaged = text
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        damaged[Int.random(in: 0..<text.count, using: &generator)] =
          Array("0129azXe-+.,:[]{}\"\\* ".utf8).randomElement(using: &generator) ?? 0
      }
      do {
        let value = try JSONValue(parsing: damaged, source: "t.json")
        var restored = try TemplateMiner(snapshot: JSONDocument(value, source: "t.json"))
        for pattern in shopPatterns { restored.add(pattern) }
      } catch {
        refused += 1
      }
      let symbols = Array("ab(|)*+?{2,}[^-]\\d.<".utf8)
      let expression = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        symbols.randomElement(using: &generator) ?? 0
      }
      let rule = LogMaskRules.Named(
        name: "v", expression: String(decoding: expression, as: UTF8.self))
      if let rules = try? LogMaskRules(named: [rule]) {
        _ = LogMask.pattern(of: "ab 22 (b) a-b", rules: rules)
      }
    }
    #expect(refused > 0)
  }
}
