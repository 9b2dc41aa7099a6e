import Foundation

/// Damages texts, the same way for the same seed.
struct Mutation {
  /// Texts to try: `AUTOPILOT_FUZZ_ROUNDS`, or few enough for every run of the tests.
  static let rounds =
    Int(ProcessInfo.processInfo.environment["AUTOPILOT_FUZZ_ROUNDS"] ?? "") ?? 20_000

  /// What breaks parsers more often than random bytes do.
  private static let tokens = [
    "\"", "\\", "\\u0000", "\\ud800", "[", "]", "{", "}", ",", ":", "[[", "]]", "]}", "\0",
    "\u{FEFF}", "-", "+", ".", "e", "E+", "1e999", "1e-999", "0", "00", "9999999999999999999",
    "1844674407370955161", "0.1", "NaN", "+Inf", "-Inf", "null", "true", " ", "\n", "\t",
    "\"values\":", "\"metric\":{}", "\"value\":", "[1,\"1\"]", "1700000000.123",
    "12345678901234567.89", "0x1p3", "é", "\u{1F600}",
  ]

  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// One of the texts with one to four changes.
  mutating func text(from seeds: [String]) -> [UInt8] {
    var bytes = Array(seeds[random.next(below: seeds.count)].utf8)
    for _ in 0...random.next(below: 4) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let at = random.next(below: bytes.count + 1)
    let end = min(bytes.count, at + random.next(below: 20))
    switch random.next(below: 8) {
    case 0 where at < bytes.count: bytes[at] ^= 1 << random.next(below: 8)
    case 1 where at < bytes.count: bytes[at] = UInt8(random.next(below: 256))
    case 2: bytes.removeSubrange(at..<end)
    case 3: bytes.insert(contentsOf: bytes[at..<end], at: random.next(below: bytes.count + 1))
    case 4 where random.next(below: 8) == 0: bytes.removeSubrange(at...)
    case 5 where at < bytes.count:
      // A digit for a digit keeps the form and changes the number.
      for index in at..<end where (0x30...0x39).contains(bytes[index]) {
        bytes[index] = 0x30 + UInt8(random.next(below: 10))
      }
    default:
      bytes.insert(
        contentsOf: Array(Self.tokens[random.next(below: Self.tokens.count)].utf8), at: at)
    }
  }
}

/// Answers in all forms that servers and scripts write.
enum AnswerSeeds {
  static let all = [
    #"[{"metric":{"__name__":"up","job":"a"},"values":[[1700000000,"1"],[1700000030,"0.25"],[1700000060.5,"-17.125"],[1700000090,"0.12345678901234567"]]}]"#,
    #"[{"metric": {"__name__": "x"}, "values": [[1565799000.825, "0"], [1565799060.825, "1.5e-07"], [1565799120.825, "NaN"]]}, {"metric": {}, "values": [[1, "+Inf"], [2, "-Inf"], [3.0, "1E+3"]]}]"#,
    #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b\n\u00e9"},"values":[[1700000000.123,"12345678901234567890123"],[1700000015.123,"5e-324"]]}]},"warnings":["w"]}"#,
    #"{"status":"success","data":{"resultType":"vector","result":[{"value":[60.5,"7"],"metric":{"__name__":"up"}},{"metric":{},"value":[1e2,7]}]}}"#,
    #"{"data":{"result":[{"values":[[1,"1"],[2,2.5]],"metric":{"z":""}},{"metric":{"h":"1"},"histograms":[[60,{"count":"1","buckets":[[0,"1","2","3"]]}]]}],"stats":{"a":[1,{"b":null}]}},"status":"success"}"#,
    #"{"status":"error","errorType":"bad_data","error":"parse error at char 3"}"#,
  ]
}
