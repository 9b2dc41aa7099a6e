internal import CTelemetryScan

/// Texts of labels that were seen before, in bounded memory: each has one place, at which a later
/// one takes its turn.
public struct LabelTexts: Sendable {
  private static let placeCount = 1 << 13
  private static let byteLimit = 1 << 22
  private static let padding = Int(AP_LINE_PADDING)

  private var places = [ap_label_text](repeating: ap_label_text(), count: placeCount)
  private var bytes = [UInt8](repeating: 0, count: padding)

  /// Starts without texts.
  public init() {}

  /// Remembers what a text is known as.
  ///
  /// - Returns: False for a text that is empty or longer than all texts together may be.
  @discardableResult
  public mutating func set(_ text: some Collection<UInt8>, number: Int32) -> Bool {
    if bytes.count + text.count > Self.byteLimit { removeAll() }
    guard bytes.count + text.count <= Self.byteLimit, !text.isEmpty else { return false }
    let begin = bytes.count - Self.padding
    bytes.replaceSubrange(begin..<begin, with: text)
    let hash = fingerprint(bytes, begin..<begin + text.count)
    places[Int(truncatingIfNeeded: hash) & (places.count - 1)] = ap_label_text(
      hash: hash, begin: UInt32(begin), length: UInt32(text.count), number: number)
    return true
  }

  /// Forgets all texts.
  public mutating func removeAll() {
    for index in places.indices { places[index] = ap_label_text() }
    bytes = [UInt8](repeating: 0, count: Self.padding)
  }

  func withTable<Value>(_ body: (ap_label_table) -> Value?) -> Value? {
    unsafe places.withUnsafeBufferPointer { places in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        guard let first = places.baseAddress, let bytes = bytes.baseAddress else { return nil }
        return unsafe body(ap_label_table(places: first, mask: places.count - 1, bytes: bytes))
      }
    }
  }
}

/// A hash of bytes for tables, which is the same on every machine.
///
/// - Precondition: 64 bytes follow the range.
func fingerprint(_ bytes: [UInt8], _ range: Range<Int>, seed: UInt64 = 0) -> UInt64 {
  precondition(range.upperBound + Int(AP_LINE_PADDING) <= bytes.count, "\(range)")
  return unsafe bytes.withUnsafeBufferPointer { bytes in
    guard let first = bytes.baseAddress else { return 0 }
    return unsafe ap_hash(first + range.lowerBound, range.count, seed)
  }
}
