internal import CZlib

/// Decompresses gzip that arrives in parts: all members, one after the other; zeros after the last
/// one are padding.
final class GzipDecoder: StreamDecoder {
  private enum State {
    case inMember
    /// After a member, where another may begin.
    case between
    /// Zeros have followed a member, so that nothing else may.
    case padding
  }

  private let source: String
  private var stream: ZlibStream
  private var state = State.inMember
  /// Compressed bytes before those of the current call.
  private var taken = 0

  /// Nil when zlib cannot allocate its state.
  ///
  /// - Parameter source: The name to use in errors.
  init?(source: String) {
    guard let stream = ZlibStream(.decompression) else { return nil }
    self.source = source
    self.stream = stream
  }

  /// Takes some of the input and writes what comes of it.
  ///
  /// - Parameters:
  ///   - range: The part of `input` to take, which loses what was taken.
  ///   - isLast: Whether nothing follows the input.
  ///   - output: What to write into from `position` on, which moves behind what was written.
  /// - Returns: Whether the content has ended.
  /// - Throws: `StorageError.damagedGzip`.
  func decode(
    _ input: [UInt8], _ range: inout Range<Int>, isLast: Bool, into output: inout [UInt8],
    at position: inout Int
  ) throws(StorageError) -> Bool {
    let start = range.lowerBound
    defer { taken += range.lowerBound - start }
    if state != .inMember {
      let next = input[range].firstIndex { $0 != 0 }
      let zeros = (next ?? range.upperBound) - range.lowerBound
      if zeros > 0 { state = .padding }
      range = range.lowerBound + zeros..<range.upperBound
      guard next != nil else { return isLast }
      guard state == .between, stream.restart() else {
        throw .damagedGzip(
          path: source, byte: taken + zeros, reason: "data after the last member")
      }
      state = .inMember
    }
    let before = (range, position)
    let status = stream.inflate(input, &range, into: &output, at: &position)
    let byte = taken + range.lowerBound - start
    switch status {
    case Z_STREAM_END: state = .between
    case Z_OK, Z_BUF_ERROR:
      guard !isLast || before != (range, position) else {
        throw .damagedGzip(path: source, byte: byte, reason: "the file is truncated")
      }
    default:
      throw .damagedGzip(
        path: source, byte: byte, reason: stream.message ?? "zlib error \(status)")
    }
    return false
  }
}
