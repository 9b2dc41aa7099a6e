/// Snappy's block format, in which Prometheus sends samples.
///
/// A length, then literals and copies of what came before:
/// https://github.com/google/snappy/blob/main/format_description.txt. No checksum belongs to it.
public enum SnappyBlock {
  /// Why bytes are no block.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// The block would be longer than allowed.
    case tooLarge(size: UInt64, limit: Int)
    /// The format is broken from a byte on.
    case damaged(byte: Int, reason: String)

    /// One line.
    public var description: String {
      switch self {
      case .tooLarge(let size, let limit):
        "\(size) bytes after decompression, more than the limit of \(limit)"
      case .damaged(let byte, let reason): "damaged snappy block at byte \(byte): \(reason)"
      }
    }
  }

  /// What follows an element's first byte.
  private enum Tag {
    static let literal: UInt8 = 0
    static let shortCopy: UInt8 = 1
    static let copy: UInt8 = 2
    static let longCopy: UInt8 = 3
  }

  /// Decompresses a block.
  ///
  /// - Parameter limit: The most bytes of the content, which is checked before memory is taken.
  public static func decompress(_ input: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var position = 0
    let size = try length(input, &position)
    guard size <= UInt64(limit) else { throw .tooLarge(size: size, limit: limit) }
    let count = Int(size)
    var output: [UInt8] = []
    // A few bytes may announce much; copies make at most 64 bytes of two.
    output.reserveCapacity(min(count, 32 * input.count))
    while position < input.count {
      let start = position
      let tag = input[position]
      position += 1
      func damaged(_ reason: String) -> Failure { .damaged(byte: start, reason: reason) }
      func number(_ bytes: Int) throws(Failure) -> Int {
        guard input.count - position >= bytes else { throw damaged("cut short") }
        var value = 0
        for index in 0..<bytes { value |= Int(input[position + index]) << (8 * index) }
        position += bytes
        return value
      }
      if tag & 3 == Tag.literal {
        var length = Int(tag >> 2)
        if length >= 60 { length = try number(length - 59) }
        length += 1
        guard length <= input.count - position else { throw damaged("literal cut short") }
        guard length <= count - output.count else { throw damaged("more than it announced") }
        output += input[position..<position + length]
        position += length
        continue
      }
      let (length, offset): (Int, Int)
      switch tag & 3 {
      case Tag.shortCopy:
        length = Int(tag >> 2 & 7) + 4
        offset = Int(tag >> 5) << 8 | (try number(1))
      case Tag.copy: (length, offset) = (Int(tag >> 2) + 1, try number(2))
      default: (length, offset) = (Int(tag >> 2) + 1, try number(4))
      }
      guard offset > 0, offset <= output.count else {
        throw damaged("copies from \(offset) bytes back, of \(output.count)")
      }
      guard length <= count - output.count else { throw damaged("more than it announced") }
      // One by one: a copy may reach into itself.
      for _ in 0..<length { output.append(output[output.count - offset]) }
    }
    guard output.count == count else {
      throw .damaged(byte: input.count, reason: "\(count - output.count) bytes are missing")
    }
    return output
  }

  private static func length(_ input: [UInt8], _ position: inout Int) throws(Failure) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<5 {
      guard index < input.count else { break }
      value |= UInt64(input[index] & 0x7F) << UInt64(7 * index)
      if input[index] < 0x80 {
        position = index + 1
        return value
      }
    }
    throw .damaged(byte: 0, reason: "no length")
  }

  /// Compresses bytes, which the format holds up to 4 GiB of.
  ///
  /// Repetitions of four bytes and more within 64 KiB are found by a table of hashes, the latest of
  /// each.
  public static func compress(_ input: [UInt8]) -> [UInt8] {
    precondition(input.count < 1 << 32, "\(input.count) bytes")
    var output: [UInt8] = []
    var rest = input.count
    repeat {
      output.append(UInt8(truncatingIfNeeded: rest) & 0x7F | (rest >= 0x80 ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    var table = [Int32](repeating: -1, count: 1 << 14)
    var (start, position) = (0, 0)
    while position + 4 <= input.count {
      let word = word(input, position)
      let slot = Int((word &* 0x1E35_A7BD) >> 18)
      let candidate = Int(table[slot])
      table[slot] = Int32(truncatingIfNeeded: position)
      guard candidate >= 0, position - candidate < 1 << 16, Self.word(input, candidate) == word
      else {
        position += 1
        continue
      }
      literal(input[start..<position], to: &output)
      var length = 4
      while length < 64, position + length < input.count,
        input[candidate + length] == input[position + length]
      {
        length += 1
      }
      let offset = position - candidate
      output += [
        UInt8(length - 1) << 2 | Tag.copy, UInt8(truncatingIfNeeded: offset), UInt8(offset >> 8),
      ]
      position += length
      start = position
    }
    literal(input[start...], to: &output)
    return output
  }

  private static func word(_ input: [UInt8], _ position: Int) -> UInt32 {
    UInt32(input[position]) | UInt32(input[position + 1]) << 8 | UInt32(input[position + 2]) << 16
      | UInt32(input[position + 3]) << 24
  }

  private static func literal(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let length = bytes.count - 1
    if length < 60 {
      output.append(UInt8(length) << 2)
    } else {
      let size = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 4
      output.append(UInt8(59 + size) << 2)
      for index in 0..<size { output.append(UInt8(truncatingIfNeeded: length >> (8 * index))) }
    }
    output += bytes
  }
}
