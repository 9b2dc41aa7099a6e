/// Places of names, found by their bytes without making strings of them.
struct NameTable: Sendable {
  private let bytes: [UInt8]
  private let ends: [Int]
  private let slots: [Int32]

  /// The number of names.
  var count: Int { ends.count }

  /// Of equal names the first is found.
  init(_ names: [String]) {
    var (bytes, ends) = ([UInt8](), [Int]())
    var size = 8
    while size < names.count * 2 { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    for (place, name) in names.enumerated() {
      let begin = bytes.count
      bytes += Array(name.utf8)
      ends.append(bytes.count)
      var slot = Self.hash(bytes.span.extracting(begin..<bytes.count)) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(place)
    }
    (self.bytes, self.ends, self.slots) = (bytes, ends, slots)
  }

  /// The place of a name; nil when there is none.
  func place(of name: Span<UInt8>) -> Int? {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if isName(place, name) { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The place of a name.
  func place(of name: String) -> Int? { place(of: Array(name.utf8).span) }

  /// Whether the name at a place is this one.
  func isName(_ place: Int, _ name: Span<UInt8>) -> Bool {
    let begin = place == 0 ? 0 : ends[place - 1]
    guard ends[place] - begin == name.count else { return false }
    for index in 0..<name.count where bytes[begin + index] != name[index] { return false }
    return true
  }

  /// FNV-1a.
  private static func hash(_ name: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in 0..<name.count {
      hash = (hash ^ UInt64(name[index])) &* 0x100_0000_01B3
    }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
