/// A matrix of numbers from a NumPy file (`.npy`, formats 1 to 3).
struct NumPyMatrix {
  /// Rows and columns.
  let rows: Int
  let columns: Int
  private let bytes: [UInt8]
  private let start: Int
  private let width: Int

  /// Reads little-endian floats of 4 or 8 bytes in C order, in two dimensions.
  ///
  /// - Throws: `IngestError.unsupported` for anything else, with what was found.
  init(_ file: SourceText) throws {
    let bytes = try file.readAll()
    let refuse = { (reason: String) in
      IngestError.unsupported(path: file.path, reason: "\(reason); save it with numpy.save")
    }
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 12 else {
      throw refuse("no NumPy file, it begins with other bytes")
    }
    // Format 1 has two bytes for the length of the header, later ones four.
    let sizeBytes = bytes[6] == 1 ? 2 : 4
    guard (1...3).contains(bytes[6]) else { throw refuse("NumPy format \(bytes[6]) is unknown") }
    let length = (0..<sizeBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + sizeBytes + length
    guard start <= bytes.count else { throw refuse("the header is cut off") }
    let header = String(decoding: bytes[8 + sizeBytes..<start], as: UTF8.self)
    guard let type = Self.value(of: "descr", in: header), type == "'<f8'" || type == "'<f4'" else {
      throw refuse("elements other than '<f8' and '<f4' in \(quoted(header))")
    }
    guard Self.value(of: "fortran_order", in: header) == "False" else {
      throw refuse("columns are stored one after the other; save it in C order")
    }
    let shape = Self.shape(in: header)
    guard shape.count == 2 else { throw refuse("\(shape.count) dimensions, expected 2") }
    let width = type == "'<f8'" ? 8 : 4
    let (count, overflow) = shape[0].multipliedReportingOverflow(by: shape[1])
    guard !overflow, count <= (bytes.count - start) / width,
      bytes.count - start == count * width
    else {
      throw refuse(
        "\(bytes.count - start) bytes of elements for the shape \(shape[0]) × \(shape[1])")
    }
    (rows, columns) = (shape[0], shape[1])
    (self.bytes, self.start, self.width) = (bytes, start, width)
  }

  /// An element.
  subscript(row: Int, column: Int) -> Double {
    precondition(0..<rows ~= row && 0..<columns ~= column, "[\(row), \(column)] of \(rows) rows")
    let first = start + (row * columns + column) * width
    let bits = (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[first + $1]) << (8 * $1) }
    return width == 8
      ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
  }

  /// The text after a key of the header's dictionary, up to its comma.
  private static func value(of key: String, in header: String) -> String? {
    guard let rest = header.split(separator: "'\(key)':", maxSplits: 1).dropFirst().first else {
      return nil
    }
    return String(rest.prefix { $0 != "," && $0 != "}" }).trimmingBlanks
  }

  private static func shape(in header: String) -> [Int] {
    guard let rest = header.split(separator: "'shape': (", maxSplits: 1).dropFirst().first else {
      return []
    }
    return rest.prefix { $0 != ")" }.split(separator: ",")
      .compactMap { Int(String($0).trimmingBlanks) }.filter { $0 >= 0 }
  }
}
