/// Reads messages in the wire format of Protocol Buffers field by field, within their bounds.
///
/// https://protobuf.dev/programming-guides/encoding/, of which groups, which nobody writes any more,
/// are refused.
public struct ProtobufReader: Sendable {
  /// What follows a field's key.
  public enum WireType: UInt64, Sendable {
    /// A whole number.
    case varint = 0
    /// Eight bytes.
    case fixed64 = 1
    /// A length, and as many bytes.
    case delimited = 2
    /// Four bytes.
    case fixed32 = 5
  }

  /// Why bytes are no message.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// Where, from 0.
    public let byte: Int
    /// What is wrong.
    public let reason: String

    /// Makes a failure.
    public init(byte: Int, reason: String) { (self.byte, self.reason) = (byte, reason) }

    /// One line.
    public var description: String { "\(reason) at byte \(byte)" }
  }

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  /// Begins with the first byte of a message.
  ///
  /// - Parameter range: Where the message stands; nil for all of the bytes.
  public init(_ bytes: [UInt8], range: Range<Int>? = nil) {
    self.bytes = bytes
    let range = range ?? 0..<bytes.count
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) of \(bytes.count)")
    (position, end) = (range.lowerBound, range.upperBound)
  }

  /// The next field's number and type; nil at the end of the message.
  public mutating func next() throws(Failure) -> (field: Int, type: WireType)? {
    guard position < end else { return nil }
    let start = position
    let key = try varint()
    guard let type = WireType(rawValue: key & 7) else {
      throw Failure(byte: start, reason: "unknown wire type \(key & 7)")
    }
    guard key >> 3 > 0, key >> 3 < 1 << 29 else {
      throw Failure(byte: start, reason: "no field number")
    }
    return (Int(key >> 3), type)
  }

  /// A whole number.
  public mutating func varint() throws(Failure) -> UInt64 {
    let start = position
    var (value, shift) = (UInt64(0), UInt64(0))
    while position < end {
      let byte = UInt64(bytes[position])
      position += 1
      guard shift < 63 || byte <= 1 else { break }
      value |= (byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
      guard shift < 70 else { break }
    }
    throw Failure(
      byte: start, reason: position < end ? "number of more than 64 bits" : "number cut short")
  }

  /// A 64-bit float.
  public mutating func double() throws(Failure) -> Double {
    guard end - position >= 8 else { throw Failure(byte: position, reason: "float cut short") }
    var bits: UInt64 = 0
    for index in 0..<8 { bits |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += 8
    return Double(bitPattern: bits)
  }

  /// Where the bytes of a text or of a nested message stand.
  public mutating func delimited() throws(Failure) -> Range<Int> {
    let start = position
    let length = try varint()
    guard length <= UInt64(end - position) else {
      throw Failure(byte: start, reason: "\(length) bytes announced, \(end - position) left")
    }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  /// A text of at most `limit` bytes.
  public mutating func text(limit: Int) throws(Failure) -> String {
    let start = position
    let range = try delimited()
    guard range.count <= limit else {
      throw Failure(byte: start, reason: "text of more than \(limit) bytes")
    }
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw Failure(byte: start, reason: "text that is not UTF-8")
    }
    return text
  }

  /// Passes over a field's content.
  public mutating func skip(_ type: WireType) throws(Failure) {
    switch type {
    case .varint: _ = try varint()
    case .delimited: _ = try delimited()
    case .fixed64, .fixed32:
      let size = type == .fixed64 ? 8 : 4
      guard end - position >= size else { throw Failure(byte: position, reason: "cut short") }
      position += size
    }
  }

  /// Passes over a field that must have another type.
  public func expect(_ type: WireType, found: WireType, field: Int) throws(Failure) {
    guard type == found else {
      throw Failure(byte: position, reason: "field \(field) has wire type \(found.rawValue)")
    }
  }
}
