#if _endian(big)
  #error("Numbers go to files as they are in memory, which must be little-endian.")
#endif

extension Array where Element == UInt8 {
  /// Appends numbers as their little-endian bytes.
  mutating func append<Number: BitwiseCopyable>(littleEndian numbers: [Number]) {
    unsafe numbers.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }

  /// The numbers whose little-endian bytes are in a range.
  ///
  /// - Precondition: The range holds a whole number of them.
  func littleEndian<Number: BitwiseCopyable>(_ range: Range<Int>, of zero: Number) -> [Number] {
    let width = MemoryLayout<Number>.size
    precondition(range.count % width == 0, "\(range.count) bytes for numbers of \(width)")
    var numbers = [Number](repeating: zero, count: range.count / width)
    unsafe self[range].withUnsafeBytes { bytes in
      unsafe numbers.withUnsafeMutableBytes { unsafe $0.copyMemory(from: bytes) }
    }
    return numbers
  }
}
