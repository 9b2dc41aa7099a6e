internal import CTelemetryScan

extension JSONReader {
  /// Takes an array of numbers, nested arrays one after the other, with `null` as NaN.
  ///
  /// - Parameters:
  ///   - values: Receives the numbers at its end.
  ///   - limit: Most numbers in all.
  /// - Throws: `StorageError.invalidJSON` for anything else.
  public mutating func numbers(into values: inout [Double], limit: Int) throws(StorageError) {
    try numbers(into: &values, limit: limit, depth: 1)
  }

  private mutating func numbers(
    into values: inout [Double], limit: Int, depth: Int
  ) throws(StorageError) {
    guard depth <= Self.depthLimit else { throw error("nested too deeply") }
    try expect("[")
    if take("]") { return }
    repeat {
      let known = values.count
      takeUsualNumbers(into: &values, limit: limit)
      if values.count == known {
        switch peek() {
        case 0x5B: try numbers(into: &values, limit: limit, depth: depth + 1)
        case 0x6E:
          guard try word() == nil else { throw error("expected a number or null") }
          values.append(.nan)
        default: values.append(try number())
        }
      }
      guard values.count <= limit else { throw error("more than \(limit) numbers") }
    } while take(",")
    try expect("]")
  }

  /// Takes what is plain of the numbers that follow, with the commas between them.
  private mutating func takeUsualNumbers(into values: inout [Double], limit: Int) {
    // A number at the very end of the text could go on behind it.
    guard end > 0, !isPartOfNumber(bytes[end - 1]), limit > values.count else { return }
    let begin = position
    let room = min(limit - values.count, (end - begin) / 2 + 1, Self.numbersAtOnce)
    let known = values.count
    values.append(contentsOf: repeatElement(0, count: room))
    let end = end
    let scan = unsafe bytes.withUnsafeBufferPointer { text in
      unsafe values.withUnsafeMutableBufferPointer { output in
        guard let text = text.baseAddress, let output = output.baseAddress else {
          return ap_numbers(position: begin, count: 0)
        }
        return unsafe ap_scan_numbers(text, begin, end, output + known, room)
      }
    }
    values.removeLast(room - scan.count)
    position = scan.position
  }

  private static let numbersAtOnce = 64

  private func isPartOfNumber(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || byte == 0x2E || byte == 0x2D || byte == 0x2B
      || byte | 0x20 == 0x65
  }
}
