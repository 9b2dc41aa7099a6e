internal import Storage

/// Tells lines that stood in an earlier part of an export already: the same stream, nanosecond and
/// text.
///
/// Loki keeps no two such lines, so that they come from parts that overlap. Lines of one part are
/// never compared with each other. Lines are known by 64 bits of a hash, and at least the `limit` last
/// ones are, in two tables, of which the older is given up when the newer is full.
struct RepeatedLines {
  /// The reason under which repeated lines are counted.
  static let reason = "repeated_line"
  /// The reason under which lines are counted that may have stood in a part that was forgotten.
  static let uncheckedReason = "unchecked_repeats"

  /// Hashes with the part that they are from, and the times that they are of.
  private struct Table {
    var hashes = [UInt64](repeating: 0, count: 1 << 10)
    var parts = [Int32](repeating: 0, count: 1 << 10)
    var count = 0
    var current: ClosedRange<Int64>?
    var finished: ClosedRange<Int64>?

    /// The place of a hash, or the free one where it belongs, whose part is 0.
    func place(of hash: UInt64) -> Int {
      let mask = hashes.count - 1
      var place = Int(truncatingIfNeeded: hash) & mask
      while parts[place] != 0, hashes[place] != hash { place = (place + 1) & mask }
      return place
    }

    func part(of hash: UInt64) -> Int32? {
      let part = parts[place(of: hash)]
      return part == 0 ? nil : part
    }

    mutating func insert(_ hash: UInt64, part: Int32, time: Int64) {
      if count * 2 >= hashes.count { grow() }
      let place = place(of: hash)
      (hashes[place], parts[place]) = (hash, part)
      count += 1
      Ingest.widen(&current, by: time)
    }

    private mutating func grow() {
      let old = self
      hashes = [UInt64](repeating: 0, count: 2 * old.hashes.count)
      parts = [Int32](repeating: 0, count: 2 * old.parts.count)
      for index in old.hashes.indices where old.parts[index] != 0 {
        let place = place(of: old.hashes[index])
        (hashes[place], parts[place]) = (old.hashes[index], old.parts[index])
      }
    }

    mutating func beginPart() {
      widen(&finished, by: current)
      current = nil
    }
  }

  /// The lines that are known at least.
  let limit: Int
  /// Lines at times of parts that were forgotten.
  private(set) var unchecked = 0
  private var newer = Table()
  private var older = Table()
  /// Times of lines that were forgotten, of finished parts and of the current one.
  private var forgotten: (finished: ClosedRange<Int64>?, current: ClosedRange<Int64>?)
  private var part: Int32 = 0

  /// How many lines to know, given the memory for everything: a place has 12 bytes, and there are up
  /// to four per line in two tables.
  static func lines(memory: Int) -> Int { max(memory / 256, 16) }

  init(limit: Int) { self.limit = limit }

  /// A hash of a stream's labels (Fowler, Noll and Vo's 1a).
  static func identity(of labels: String) -> UInt64 {
    labels.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Begins with another part.
  mutating func beginPart() {
    part += 1
    newer.beginPart()
    older.beginPart()
    widen(&forgotten.finished, by: forgotten.current)
    forgotten.current = nil
  }

  /// Whether a line stood in an earlier part; it is known from now on.
  ///
  /// - Parameters:
  ///   - identity: Of the line's stream.
  ///   - time: The line's in milliseconds.
  mutating func isRepeated(
    _ index: Int, of buffer: LogLineBuffer, _ identity: UInt64, time: Int64
  ) -> Bool {
    let instant = UInt64(bitPattern: buffer.times[index])
    let hash = buffer.fingerprint(
      of: index, seed: identity ^ (instant &* 0x9E37_79B9_7F4A_7C15))
    if let known = newer.part(of: hash) ?? older.part(of: hash) { return known < part }
    if let finished = forgotten.finished, finished.contains(time) { unchecked += 1 }
    if newer.count == limit {
      widen(&forgotten.finished, by: older.finished)
      widen(&forgotten.current, by: older.current)
      (older, newer) = (newer, Table())
    }
    newer.insert(hash, part: part, time: time)
    return false
  }
}

/// Widens a range by another.
private func widen(_ range: inout ClosedRange<Int64>?, by other: ClosedRange<Int64>?) {
  guard let other else { return }
  Ingest.widen(&range, by: other.lowerBound)
  Ingest.widen(&range, by: other.upperBound)
}
