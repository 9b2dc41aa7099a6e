internal import Telemetry

/// Remembers a number for patterns, compared byte for byte, in bounded memory.
///
/// An open-addressing table over hashes beside one buffer with the patterns' bytes. When either is
/// full it starts anew, so that it must never be the only place that knows something.
struct PatternCache: Sendable {
  /// A place in the table.
  struct Entry {
    var hash: UInt64 = 0
    var start: Int32 = 0
    /// Bytes of the pattern; -1 for a free place.
    var count: Int32 = -1
    var level = LogLevel.unknown
    /// What is remembered.
    var number: Int32 = 0
    /// Whatever tells the owner whether the number still holds.
    var stamp = 0
  }

  private static let byteLimit = 1 << 24

  private let entryLimit: Int
  private var table: [Entry]
  private var used = 0
  private var bytes: [UInt8] = []

  /// - Parameter entryLimit: Patterns at most.
  init(entryLimit: Int = 1 << 16) {
    self.entryLimit = entryLimit
    table = Array(repeating: Entry(), count: 1024)
  }

  /// The place of a pattern or, when it is not known, the free one where it belongs.
  func place(of pattern: Span<UInt8>, _ hash: UInt64, _ level: LogLevel) -> Int {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while table[place].count >= 0 {
      if table[place].hash == hash, table[place].level == level, holds(table[place], pattern) {
        return place
      }
      place = (place + 1) & mask
    }
    return place
  }

  private func holds(_ entry: Entry, _ pattern: Span<UInt8>) -> Bool {
    guard Int(entry.count) == pattern.count else { return false }
    let stored = bytes.span.extracting(Int(entry.start)..<Int(entry.start) + pattern.count)
    return areEqual(stored, pattern)
  }

  /// The entry at a place; nil when it is free.
  subscript(place: Int) -> Entry? { table[place].count >= 0 ? table[place] : nil }

  /// Remembers a number for the pattern that belongs to a place.
  mutating func set(
    _ place: Int, _ pattern: Span<UInt8>, _ hash: UInt64, _ level: LogLevel, number: Int32,
    stamp: Int
  ) {
    guard table[place].count < 0 else {
      table[place].number = number
      table[place].stamp = stamp
      return
    }
    var place = place
    if used >= entryLimit || bytes.count + pattern.count > Self.byteLimit {
      used = 0
      bytes.removeAll(keepingCapacity: true)
      table = Array(repeating: Entry(), count: table.count)
      place = self.place(of: pattern, hash, level)
    } else if used * 2 >= table.count {
      grow()
      place = self.place(of: pattern, hash, level)
    }
    table[place] = Entry(
      hash: hash, start: Int32(bytes.count), count: Int32(pattern.count), level: level,
      number: number, stamp: stamp)
    for index in pattern.indices { bytes.append(pattern[index]) }
    used += 1
  }

  private mutating func grow() {
    let old = table
    table = Array(repeating: Entry(), count: 2 * old.count)
    let mask = table.count - 1
    for entry in old where entry.count >= 0 {
      var place = Int(truncatingIfNeeded: entry.hash) & mask
      while table[place].count >= 0 { place = (place + 1) & mask }
      table[place] = entry
    }
  }
}
