/// The safetensors format: eight bytes of header length, a JSON header, and packed little-endian
/// arrays. Data only; reading it runs nothing.
///
/// Specification: huggingface/safetensors, "Format". Our writer is canonical: arrays in ascending
/// order of name, a header padded with blanks to eight bytes, no metadata. Our reader refuses
/// holes, overlaps and trailing bytes.
extension TensorBundle {
  /// Largest header that the format allows, in bytes.
  public static let headerLimit = 100_000_000

  /// The bundle's file, the same bytes for equal bundles.
  public func safetensors() -> [UInt8] {
    let ordered = tensors.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var header: [String: JSONValue] = [:]
    var end = 0
    for (name, tensor) in ordered {
      let begin = end
      end += tensor.values.count * tensor.values.type.width
      header[name] = [
        "dtype": .string(tensor.values.type.rawValue),
        "shape": .array(tensor.shape.map(JSONValue.integer)),
        "data_offsets": [.integer(begin), .integer(end)],
      ]
    }
    var text = Array(JSONValue.object(header).text().utf8)
    while text.count % 8 != 0 { text.append(0x20) }
    var file: [UInt8] = []
    file.reserveCapacity(8 + text.count + end)
    file.append(littleEndian: [UInt64(text.count)])
    file += text
    for (_, tensor) in ordered {
      switch tensor.values {
      case .float(let values): file.append(littleEndian: values)
      case .double(let values): file.append(littleEndian: values)
      case .int32(let values): file.append(littleEndian: values)
      case .uint8(let values): file += values
      case .uint16(let values): file.append(littleEndian: values)
      }
    }
    return file
  }

  /// Reads a safetensors file.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `StorageError.invalidTensors` when any part breaks the format.
  public init(safetensors file: [UInt8], source: String) throws {
    self.init(source: source)
    func invalid(_ reason: String) -> StorageError { .invalidTensors(path: source, reason: reason) }
    guard file.count >= 8 else { throw invalid("shorter than its header length field") }
    let length = file.littleEndian(0..<8, of: UInt64(0))[0]
    guard length <= UInt64(Self.headerLimit), Int(length) <= file.count - 8 else {
      throw invalid("header of \(length) bytes in a file of \(file.count)")
    }
    let base = 8 + Int(length)
    let entries: [Entry]
    do {
      entries = try Self.entries(file, header: 8..<base, source: source)
    } catch let error as StorageError {
      switch error {
      case .invalidJSON(_, let byte, let reason):
        throw invalid("header is not JSON at byte \(byte): \(reason)")
      case .unexpectedShape(_, let path, let expected):
        throw invalid("header: \(path.isEmpty ? "all of it" : path): expected \(expected)")
      default: throw error
      }
    }
    for entry in entries {
      if let reason = entry.defect(dataBytes: file.count - base) { throw invalid(reason) }
      let bytes = base + entry.begin..<base + entry.end
      let values: Values =
        switch entry.type {
        case .f32: .float(file.littleEndian(bytes, of: 0))
        case .f64: .double(file.littleEndian(bytes, of: 0))
        case .i32: .int32(file.littleEndian(bytes, of: 0))
        case .u8: .uint8(Array(file[bytes]))
        case .u16: .uint16(file.littleEndian(bytes, of: 0))
        }
      tensors[entry.name] = Tensor(shape: entry.shape, values: values)
    }
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == end else { throw invalid("a hole or overlap at data byte \(end)") }
      end = entry.end
    }
    guard base + end == file.count else { throw invalid("bytes after the last tensor") }
  }

  /// The header's descriptions of tensors, in ascending order of name.
  private static func entries(
    _ file: [UInt8], header: Range<Int>, source: String
  ) throws -> [Entry] {
    var reader = JSONReader(file, range: header, source: source)
    guard header.isEmpty || file[header.lowerBound] == 0x7B else {
      throw reader.error("the header does not begin with '{'")
    }
    let value = try reader.value()
    try reader.expectEnd()
    return try JSONDocument(value, source: source).members
      .filter { $0.key != "__metadata__" }
      .map { try Entry(name: $0.key, $0.value) }
  }
}

/// One tensor's description in the header.
private struct Entry {
  var name: String
  var type: ElementType
  var shape: [Int]
  /// First byte, counted from the end of the header.
  var begin: Int
  /// Byte after the last.
  var end: Int

  init(name: String, _ document: JSONDocument) throws {
    self.name = name
    let word = try document["dtype"].string
    guard let type = ElementType(rawValue: word) else {
      throw try document["dtype"].expected("F32, F64, I32, U8 or U16, found \(word)")
    }
    self.type = type
    shape = try document["shape"].elements.map { try $0.integer }
    let offsets = try document["data_offsets"].elements.map { try $0.integer }
    guard offsets.count == 2 else { throw try document["data_offsets"].expected("two offsets") }
    (begin, end) = (offsets[0], offsets[1])
  }

  /// Why the description cannot be true of a file, or nil.
  func defect(dataBytes: Int) -> String? {
    guard 0 <= begin, begin <= end, end <= dataBytes else {
      return "tensor '\(name)' at bytes \(begin)..<\(end) of \(dataBytes)"
    }
    var elements = 1
    for size in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= dataBytes else {
        return "tensor '\(name)' is too large or negative: shape \(shape)"
      }
      elements = product
    }
    guard elements * type.width == end - begin else {
      return "tensor '\(name)' has \(end - begin) bytes for shape \(shape) of \(type.rawValue)"
    }
    return nil
  }
}

/// The element types that we read and write, by their names in the format.
private enum ElementType: String {
  case f32 = "F32"
  case f64 = "F64"
  case i32 = "I32"
  case u8 = "U8"
  case u16 = "U16"

  /// Bytes per element.
  var width: Int {
    switch self {
    case .u8: 1
    case .u16: 2
    case .f32, .i32: 4
    case .f64: 8
    }
  }
}

extension TensorBundle.Values {
  fileprivate var type: ElementType {
    switch self {
    case .float: .f32
    case .double: .f64
    case .int32: .i32
    case .uint8: .u8
    case .uint16: .u16
    }
  }
}
