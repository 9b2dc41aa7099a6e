import Storage

/// Damages the files of a source in the ways that exports are damaged, and in those that hurt most.
struct Damage {
  /// Numbers that do not fit, or hardly.
  private static let numbers = [
    "1e999999", "-1e999999", "1e-999999", String(repeating: "9", count: 400), "-0", "00", "NaN",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616",
    "0x10", "1e308", "4611686018427387904", "2147483648", "+1", ".5", "1.", "1_000", "٣", "",
    "0." + String(repeating: "0", count: 400) + "1", "253402300800", "-62135596800", "99999999999",
  ].map { Array($0.utf8) }
  /// What is no UTF-8: stray, cut off, overlong, a surrogate, beyond the last character.
  private static let foreign: [[UInt8]] = [
    [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
    [0], [0, 0, 0, 0], [0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xE2, 0x80, 0xA8], [0xC2, 0x85],
  ]
  private static let words = [
    "\"", "\\", "\\u0000", "\\ud800", "'", ",", ":", "\n", "\r", "\r\n", "\n\n", "\t", "{", "}",
    "[", "]", "[]", "{}", "null", "true", "\u{1B}[2J", "..", "/", "-", "+00:00", "Z", "+99:99",
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:60Z", "2023-02-30", "25:61:61", "../../etc/passwd",
    "\"metric\":{},", "\"values\":[]", "\"stream\":{\"app\":\"x\"},", "<*>", "\u{202E}",
    "=HYPERLINK()",
  ].map { Array($0.utf8) }
  private static let nests = ["[", "{\"a\":", "[[\"", "(", "\"", "{", "[1,"].map { Array($0.utf8) }

  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// The files of a source, at least one of them damaged.
  mutating func files(
    of seed: ReaderSeed, others: [[UInt8]]
  ) -> [(name: String, bytes: [UInt8])] {
    let victim = random.next(below: seed.files.count)
    return seed.files.enumerated().map { index, file in
      var bytes = file.contents[random.next(below: file.contents.count)]
      guard index == victim || random.next(below: 6) == 0 else { return (file.name, bytes) }
      let donors = random.next(below: 4) == 0 ? others : file.contents
      for _ in 0...random.next(below: 4) { change(&bytes, donors) }
      return (file.name, packed(bytes))
    }
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    list[random.next(below: list.count)]
  }

  private mutating func change(_ bytes: inout [UInt8], _ donors: [[UInt8]]) {
    let at = random.next(below: bytes.count + 1)
    let end = min(bytes.count, at + random.next(below: 30))
    switch random.next(below: 15) {
    case 0: bytes.removeSubrange(at...)
    case 1 where at < bytes.count: bytes[at] ^= 1 << random.next(below: 8)
    case 2 where at < bytes.count: bytes[at] = UInt8(random.next(below: 256))
    case 3: bytes.removeSubrange(at..<end)
    case 4: bytes.insert(contentsOf: bytes[at..<end], at: random.next(below: bytes.count + 1))
    case 5:
      let other = pick(donors)
      bytes = Array(bytes[..<at]) + other[random.next(below: other.count + 1)...]
    case 6, 7: replaceNumber(from: at, in: &bytes)
    case 8: bytes.insert(contentsOf: pick(Self.foreign), at: at)
    case 9: repeatLine(around: at, in: &bytes)
    case 10 where random.next(below: 4) == 0:
      let depth = 1 << (4 + random.next(below: 12))
      bytes.insert(contentsOf: repeatElement(pick(Self.nests), count: depth).joined(), at: at)
    case 11 where random.next(below: 4) == 0:
      let length = 1 << (8 + random.next(below: 11))
      let byte = Array("a0 ,\"\n\0\u{80}".utf8)[random.next(below: 9)]
      bytes.insert(contentsOf: repeatElement(byte, count: length), at: at)
    case 12: repeatMember(after: at, in: &bytes)
    default: bytes.insert(contentsOf: pick(Self.words), at: at)
    }
  }

  /// Puts a hostile number into the place of the first one behind an index.
  private mutating func replaceNumber(from index: Int, in bytes: inout [UInt8]) {
    let isPart = { (byte: UInt8) in (0x30...0x39).contains(byte) || byte == 0x2E }
    guard let start = bytes[index...].firstIndex(where: isPart) else { return }
    let end = bytes[start...].firstIndex { !isPart($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: pick(Self.numbers))
  }

  /// Repeats a line, now and then often.
  private mutating func repeatLine(around index: Int, in bytes: inout [UInt8]) {
    let start = (bytes[..<index].lastIndex(of: 0x0A) ?? -1) + 1
    let end = (bytes[index...].firstIndex(of: 0x0A) ?? bytes.count - 1) + 1
    guard start < end, end - start < 4096 else { return }
    let count = random.next(below: 10) == 0 ? 200 : 1
    let line = Array(bytes[start..<end])
    bytes.insert(contentsOf: repeatElement(line, count: count).joined(), at: end)
  }

  /// Repeats what stands between two commas, such as a member of an object or a column.
  private mutating func repeatMember(after index: Int, in bytes: inout [UInt8]) {
    guard let start = bytes[index...].firstIndex(of: 0x2C),
      let end = bytes[(start + 1)...].firstIndex(of: 0x2C), end - start < 4096
    else { return }
    let count = random.next(below: 10) == 0 ? 600 : 1
    let member = Array(bytes[start..<end])
    bytes.insert(contentsOf: repeatElement(member, count: count).joined(), at: end)
  }

  /// Mostly the content itself; else as gzip or Zstandard, half of which is damaged too.
  private mutating func packed(_ bytes: [UInt8]) -> [UInt8] {
    guard random.next(below: 4) == 0 else { return bytes }
    var packed = random.next(below: 2) == 0 ? Gzip.compress(bytes) : zstandard(bytes)
    switch random.next(below: 6) {
    case 0: packed.removeSubrange(random.next(below: packed.count)...)
    case 1: packed[random.next(below: packed.count)] ^= 1 << random.next(below: 8)
    case 2: packed += packed
    case 3 where random.next(below: 4) == 0:
      // A bomb: what follows expands a thousandfold.
      packed += Gzip.compress([UInt8](repeating: bytes.last ?? 0, count: 8 << 20))
    default: break
    }
    return packed
  }
}

/// A Zstandard frame of blocks that are stored as they are (RFC 8878, sections 3.1.1.1 and 3.1.1.2).
func zstandard(_ content: [UInt8]) -> [UInt8] {
  let size = (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) }
  var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xA0] + size
  var start = 0
  repeat {
    let end = min(content.count, start + (1 << 17))
    let header = (end == content.count ? 1 : 0) | (end - start) << 3
    frame += (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) }
    frame += content[start..<end]
    start = end
  } while start < content.count
  return frame
}
