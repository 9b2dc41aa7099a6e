internal import CZlib

/// Reads and writes gzip (RFC 1952) in memory.
public enum Gzip {
  /// Whether bytes begin with the magic number of gzip.
  public static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
  }

  /// The content of all members, one after the other; zeros after the last one are padding.
  ///
  /// Memory stays within `limit` and one step, however well the content was compressed.
  ///
  /// - Parameters:
  ///   - source: The name to use in errors.
  ///   - limit: The most bytes to produce.
  /// - Throws: `StorageError.damagedGzip` with the compressed byte at which a member ends early,
  ///   breaks the format or fails its check sum; `.tooLarge` when there is more than `limit`.
  public static func decompress(
    _ bytes: [UInt8], source: String, limit: Int
  ) throws(StorageError) -> [UInt8] {
    guard var stream = ZlibStream(.decompression) else {
      throw .system(operation: "decompress", path: source, reason: "zlib has no memory left")
    }
    var output: [UInt8] = []
    while true {
      let before = (stream.position, output.count)
      let status = stream.advance(through: bytes, into: &output)
      guard output.count <= limit else { throw .tooLarge(path: source, limit: limit) }
      switch status {
      case Z_STREAM_END:
        let end = stream.position
        guard let next = bytes[end...].firstIndex(where: { $0 != 0 }) else { return output }
        guard next == end, stream.restart() else {
          throw .damagedGzip(path: source, byte: next, reason: "data after the last member")
        }
      case Z_OK, Z_BUF_ERROR:
        guard before != (stream.position, output.count) else {
          throw .damagedGzip(path: source, byte: stream.position, reason: "the file is truncated")
        }
      default:
        throw .damagedGzip(
          path: source, byte: stream.position, reason: stream.message ?? "zlib error \(status)")
      }
    }
  }

  /// One gzip member, the same bytes for equal content and library version: level 9, no time, no
  /// name, unknown operating system.
  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    guard var stream = ZlibStream(.compression) else {
      preconditionFailure("zlib has no memory left")
    }
    var output: [UInt8] = []
    var status = Z_OK
    while status != Z_STREAM_END {
      status = stream.advance(through: bytes, into: &output)
      precondition(status == Z_OK || status == Z_STREAM_END, "zlib cannot compress: \(status)")
    }
    output[9] = 255  // The header's operating system, which zlib sets to the one it was built for.
    return output
  }
}
