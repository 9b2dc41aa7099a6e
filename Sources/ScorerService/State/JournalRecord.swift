internal import Features
internal import Telemetry

/// Rows that were scored together, as bytes of a journal.
///
/// A record is its length and a checksum of the rest, 32 bits each, then rows one after the other; all
/// numbers little-endian. A row is the service's name, the time in milliseconds, the metrics, and
/// logs and transitions if there are any.
struct JournalRecord {
  private static let headSize = 8
  private(set) var bytes: [UInt8] = []

  var isEmpty: Bool { bytes.isEmpty }

  mutating func add(_ row: TelemetryRow, service: String) {
    if bytes.isEmpty { bytes = Array(repeating: 0, count: Self.headSize) }
    add(text: service)
    add(UInt64(bitPattern: row.time.milliseconds))
    add(UInt32(clamping: row.metrics.count))
    #if _endian(little)
      unsafe row.metrics.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    #else
      for value in row.metrics { add(value.bitPattern) }
    #endif
    guard let logs = row.logs else { return add(UInt32.max) }
    add(UInt32(clamping: logs.count))
    for (pattern, lines) in logs {
      add(pattern)
      add(UInt64(clamping: lines))
    }
    guard let transitions = row.transitions else { return add(UInt32.max) }
    add(UInt32(clamping: transitions.count))
    for (from, to, lines) in transitions {
      add(from)
      add(to)
      add(UInt64(clamping: lines))
    }
  }

  /// Completes the record.
  mutating func seal() {
    let length = UInt32(clamping: bytes.count - Self.headSize)
    let sum = Self.checksum(bytes.span.extracting(droppingFirst: Self.headSize))
    for index in 0..<4 {
      bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index)))
      bytes[4 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
    }
  }

  private mutating func add(text: String) {
    add(UInt32(clamping: text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func add(_ pattern: LogPattern) {
    bytes.append(UInt8(pattern.level.rawValue))
    add(text: pattern.text)
  }

  private mutating func add(_ number: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// FNV-1a over words of eight bytes, folded: finds what a torn or damaged file does.
  static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var index = 0
    while index + 8 <= bytes.count {
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = (hash ^ UInt64(littleEndian: word)) &* 0x100_0000_01B3
      hash ^= hash >> 29
      index += 8
    }
    while index < bytes.count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
      index += 1
    }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }
}

/// Reads the rows of a journal.
struct JournalReader {
  private let bytes: [UInt8]
  private var position: Int
  private var isDamaged = false

  init(_ bytes: [UInt8], from position: Int) { (self.bytes, self.position) = (bytes, position) }

  /// All rows of whole records; what follows the first damaged one is left out.
  mutating func rows() -> [(service: String, row: TelemetryRow)] {
    var rows: [(service: String, row: TelemetryRow)] = []
    while bytes.count - position >= 8 {
      let (length, sum) = (Int(number(UInt32.self)), number(UInt32.self))
      guard length <= bytes.count - position else { break }
      let end = position + length
      guard JournalRecord.checksum(bytes.span.extracting(position..<end)) == sum else { break }
      while position < end, !isDamaged {
        let service = text()
        rows.append((service, row()))
      }
      guard !isDamaged, position == end else {
        rows.removeLast()
        break
      }
    }
    return rows
  }

  private mutating func row() -> TelemetryRow {
    let time = Timestamp(milliseconds: Int64(bitPattern: number(UInt64.self)))
    let metrics = list(of: 8) { Double(bitPattern: $0.number(UInt64.self)) } ?? []
    guard let logs = list(of: 13, { (pattern: $0.pattern(), lines: $0.lines()) }) else {
      return TelemetryRow(time: time, metrics: metrics, logs: nil)
    }
    let transitions = list(of: 18) { (from: $0.pattern(), to: $0.pattern(), lines: $0.lines()) }
    return TelemetryRow(time: time, metrics: metrics, logs: logs, transitions: transitions)
  }

  private mutating func list<Element>(
    of least: Int, _ element: (inout JournalReader) -> Element
  ) -> [Element]? {
    let count = number(UInt32.self)
    guard count != .max else { return nil }
    guard Int(count) <= (bytes.count - position) / least else {
      isDamaged = true
      return []
    }
    return (0..<count).map { _ in element(&self) }
  }

  private mutating func lines() -> Int { Int(clamping: number(UInt64.self)) }

  private mutating func pattern() -> LogPattern {
    let level = LogLevel(rawValue: Int(number(UInt8.self))) ?? .unknown
    return LogPattern(text: text(), level: level)
  }

  private mutating func text() -> String {
    let length = Int(number(UInt32.self))
    guard length <= bytes.count - position else {
      isDamaged = true
      return ""
    }
    defer { position += length }
    return String(decoding: bytes[position..<position + length], as: UTF8.self)
  }

  private mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
    let size = Number.bitWidth / 8
    guard size <= bytes.count - position else {
      isDamaged = true
      return 0
    }
    var number: Number = 0
    for index in (0..<size).reversed() {
      number = (size > 1 ? number << 8 : 0) | Number(truncatingIfNeeded: bytes[position + index])
    }
    position += size
    return number
  }
}
