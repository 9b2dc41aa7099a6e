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
    var header: [String: JSONValue] = [:]
    var data: [UInt8] = []
    for (name, tensor) in tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    {
      let begin = data.count
      let type: String
      switch tensor.values {
      case .float(let values):
        type = "F32"
        for value in values { append(value.bitPattern, to: &data) }
      case .double(let values):
        type = "F64"
        for value in values { append(value.bitPattern, to: &data) }
      case .int32(let values):
        type = "I32"
        for value in values { append(UInt32(bitPattern: value), to: &data) }
      }
      header[name] = [
        "dtype": .string(type), "shape": .array(tensor.shape.map(JSONValue.integer)),
        "data_offsets": [.integer(begin), .integer(data.count)],
      ]
    }
    var text = Array(JSONValue.object(header).text().utf8)
    while text.count % 8 != 0 { text.append(0x20) }
    var file: [UInt8] = []
    file.reserveCapacity(8 + text.count + data.count)
    append(UInt64(text.count), to: &file)
    file += text
    file += data
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
    let length = file[0..<8].enumerated().reduce(UInt64(0)) { $0 | UInt64($1.1) << ($1.0 * 8) }
    guard length <= UInt64(Self.headerLimit), Int(length) <= file.count - 8 else {
      throw invalid("header of \(length) bytes in a file of \(file.count)")
    }
    let base = 8 + Int(length)
    let header: JSONValue
    do {
      header = try JSONValue(parsing: Array(file[8..<base]), source: source)
    } catch {
      throw invalid("header is not JSON (\(error))")
    }
    guard case .object(let members) = header else { throw invalid("header is not an object") }
    var spans: [(begin: Int, end: Int)] = []
    for (name, description) in members where name != "__metadata__" {
      let document = JSONDocument(description, source: source)
      guard let type = try? document["dtype"].string,
        let shape = try? document["shape"].elements.map({ try $0.integer }),
        let offsets = try? document["data_offsets"].elements.map({ try $0.integer }),
        offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1],
        offsets[1] <= file.count - base, shape.allSatisfy({ $0 >= 0 })
      else { throw invalid("bad description of tensor '\(name)'") }
      let width = type == "F64" ? 8 : 4
      var elements = 1
      for size in shape {
        let (product, overflow) = elements.multipliedReportingOverflow(by: size)
        guard !overflow, product <= file.count else { throw invalid("tensor '\(name)' is too large") }
        elements = product
      }
      guard elements * width == offsets[1] - offsets[0] else {
        throw invalid("tensor '\(name)' has \(offsets[1] - offsets[0]) bytes for shape \(shape)")
      }
      let bytes = file[base + offsets[0]..<base + offsets[1]]
      let values: Values
      switch type {
      case "F32": values = .float(words(bytes).map { Float(bitPattern: $0) })
      case "F64": values = .double(words(bytes).map { Double(bitPattern: $0) })
      case "I32": values = .int32(words(bytes).map { Int32(bitPattern: $0) })
      default: throw invalid("tensor '\(name)' has unsupported type \(type)")
      }
      tensors[name] = Tensor(shape: shape, values: values)
      spans.append((offsets[0], offsets[1]))
    }
    spans.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var end = 0
    for span in spans {
      guard span.begin == end else { throw invalid("a hole or overlap at data byte \(end)") }
      end = span.end
    }
    guard base + end == file.count else { throw invalid("bytes after the last tensor") }
  }
}

private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
  for shift in stride(from: 0, to: value.bitWidth, by: 8) {
    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
  }
}

private func words<Word: FixedWidthInteger & UnsignedInteger>(_ bytes: ArraySlice<UInt8>) -> [Word]
{
  let width = Word.bitWidth / 8
  return stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
    var word: Word = 0
    for index in 0..<width { word |= Word(bytes[start + index]) << (index * 8) }
    return word
  }
}
