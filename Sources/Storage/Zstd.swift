/// Reads Zstandard (RFC 8878) in memory.
public enum Zstd {
  /// Bytes of room for each step of a decompression.
  private static let step = 1 << 18

  /// Whether bytes begin with the magic number of a frame, which may be one to skip.
  public static func isZstd(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 4 else { return false }
    let content = bytes[0] == 0x28 && bytes[1] == 0xB5 && bytes[2] == 0x2F && bytes[3] == 0xFD
    let skippable = bytes[0] & 0xF0 == 0x50 && bytes[1...3] == [0x2A, 0x4D, 0x18]
    return content || skippable
  }

  /// The content of all frames, one after the other.
  ///
  /// Memory stays within twice the `limit` and a window of at most 128 MiB, however well the content
  /// was compressed.
  ///
  /// - Parameters:
  ///   - source: The name to use in errors.
  ///   - limit: The most bytes to produce.
  /// - Throws: `StorageError.damagedZstd` with the compressed byte at which a frame ends early, breaks
  ///   the format or fails its check sum; `.tooLarge` when there is more than `limit`.
  public static func decompress(
    _ bytes: [UInt8], source: String, limit: Int
  ) throws(StorageError) -> [UInt8] {
    guard let decoder = ZstdDecoder(source: source) else {
      throw .system(operation: "decompress", path: source, reason: "zstd has no memory left")
    }
    var (output, position, rest) = ([UInt8](), 0, bytes.indices)
    repeat {
      guard position <= limit else { throw .tooLarge(path: source, limit: limit) }
      if output.count - position < step {
        output.append(contentsOf: repeatElement(0, count: max(step, output.count)))
      }
    } while try !decoder.decode(bytes, &rest, isLast: true, into: &output, at: &position)
    output.removeSubrange(position...)
    return output
  }
}
