/// Writes messages in the wire format of Protocol Buffers: fields in the order they are added, so
/// that equal content gives equal bytes.
///
/// https://protobuf.dev/programming-guides/encoding/, of which this has varints, strings, nested
/// messages and packed repeated numbers.
public struct ProtobufWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  /// Starts an empty message.
  public init() {}

  /// Adds a whole number.
  public mutating func add(_ number: Int, field: Int) {
    key(field, .varint)
    varint(UInt64(bitPattern: Int64(number)))
  }

  /// Adds a 32-bit float.
  public mutating func add(_ number: Float, field: Int) {
    key(field, .fixed32)
    fixed(number)
  }

  /// Adds a 64-bit float.
  public mutating func add(_ number: Double, field: Int) {
    key(field, .fixed64)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
    }
  }

  /// Adds a text.
  public mutating func add(_ text: String, field: Int) { add(Array(text.utf8), field: field) }

  /// Adds bytes.
  public mutating func add(_ content: [UInt8], field: Int) {
    key(field, .delimited)
    varint(UInt64(content.count))
    bytes += content
  }

  /// Adds a message.
  public mutating func add(field: Int, _ build: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    build(&message)
    add(message.bytes, field: field)
  }

  /// Adds whole numbers as one packed field.
  public mutating func add(packed numbers: some Sequence<Int>, field: Int) {
    add(field: field) { message in
      for number in numbers { message.varint(UInt64(bitPattern: Int64(number))) }
    }
  }

  /// Adds 32-bit floats as one packed field.
  public mutating func add(packed numbers: some Sequence<Float>, field: Int) {
    add(field: field) { message in for number in numbers { message.fixed(number) } }
  }

  private mutating func key(_ field: Int, _ type: WireType) {
    precondition(field > 0 && field < 1 << 29, "field \(field)")
    varint(UInt64(field) << 3 | type.rawValue)
  }

  private mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func fixed(_ number: Float) {
    let bits = number.bitPattern
    for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
  }
}
