/// Numbers that begin at a multiple of 64 bytes in memory, so that no vector straddles two cache
/// lines.
struct AlignedArray<Element: BitwiseCopyable & Sendable>: Sendable {
  private static var alignment: Int { 64 }
  /// The numbers with room before and behind; never changed, so that they stay where they are.
  private let storage: [Element]
  private let offset: Int

  /// Copies numbers; `filler` is what surrounds them.
  init(_ elements: [Element], filler: Element) {
    let width = MemoryLayout<Element>.stride
    let room = Self.alignment / width
    var storage = [Element](repeating: filler, count: elements.count + room)
    let offset = unsafe storage.withUnsafeMutableBufferPointer { buffer in
      let address = Int(bitPattern: buffer.baseAddress)
      let offset = (-address & (Self.alignment - 1)) / width
      for (index, element) in elements.enumerated() { unsafe buffer[offset + index] = element }
      return offset
    }
    (self.storage, self.offset) = (storage, offset)
  }

  /// Lends the numbers as C wants them.
  func withUnsafePointer<Result>(_ body: (UnsafePointer<Element>) -> Result) -> Result {
    unsafe storage.withUnsafeBufferPointer { buffer in
      // There is always room for the alignment, so that the buffer is never empty.
      guard let base = buffer.baseAddress else { preconditionFailure("no memory") }
      return unsafe body(base + offset)
    }
  }
}
