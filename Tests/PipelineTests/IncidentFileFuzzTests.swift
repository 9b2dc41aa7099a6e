import Diagnostics
import Foundation
import Pipeline
import Telemetry
import Testing

/// Incidents in YAML that are damaged.
@Suite struct IncidentFileFuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let rounds =
    environment["AUTOPILOT_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 2000
  private static let seed = environment["AUTOPILOT_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0
  private static let text = """
    # incidents
    - id: a
      service: shop
      kind: leak
      start: 2026-01-01T00:05:00Z
      resolved: 2026-01-01T00:06:00Z
    - {id: b, type: "cpu \\u00e9", start: '2026-01-01 00:05', end: 2026-01-01T00:06:00Z, note: ""}

    """
  private static let words = [
    "- ", "  ", "\n", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: *a", "!!binary ", "|\n", ">-\n",
    "---\n", "...\n", "? ", "#", "'", "\"", "\\x", "${HOME}", "${X:-y}", "${", "\t", "%YAML 9.9\n",
    "\u{FEFF}", "\u{85}", "\u{2028}", "\0", "null", "~", "1e999999", "id: a\n", "\r",
  ].map { Array($0.utf8) }

  private func refusal(_ bytes: [UInt8]) throws -> (any Error)? {
    let path = NSTemporaryDirectory() + "autopilot-incidents-\(UUID().uuidString).yaml"
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      _ = try exportsReader(
        interval: .minutes(1), prometheus: [], loki: [], csv: [], incidents: [path], model: nil)
      return nil
    } catch {
      let text = "\((error as? any DiagnosedError)?.description ?? "")"
      #expect(text.hasPrefix(path) && !text.contains(where: \.isNewline), "\(error)")
      return error
    }
  }

  @Test func `damaged incidents are read, or refused in one line that names the file`() throws {
    #expect(try refusal(Array(Self.text.utf8)) == nil)
    var random = Generator(state: Self.seed)
    for _ in 0..<Self.rounds {
      var bytes = Array(Self.text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.removeSubrange(at...)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
        case 2 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 3: bytes.insert(contentsOf: bytes[..<at], at: at)
        default: bytes.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: at)
        }
      }
      _ = try refusal(bytes)
    }
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "a:\n ", "'", "&a [", "!x "])
  func `nesting without end is refused`(_ piece: String) throws {
    #expect(try refusal(Array(String(repeating: piece, count: 100_000).utf8)) != nil)
  }

  @Test func `aliases that multiply cost nothing`() throws {
    var text = "- &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...40 {
      let alias = "*a\(level - 1)"
      let all = repeatElement(alias, count: 9).joined(separator: ", ")
      text += "- &a\(level) [\(all)]\n"
    }
    #expect(try refusal(Array(text.utf8)) != nil)
  }

  /// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
  }
}
