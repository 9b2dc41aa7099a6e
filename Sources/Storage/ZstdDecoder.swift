internal import CZstd

/// Decompresses Zstandard that arrives in parts: all frames, one after the other.
///
/// Owns its memory and never hands out a pointer. The library refuses frames that want a window
/// beyond 128 MiB, which bounds the memory.
@safe final class ZstdDecoder: StreamDecoder {
  private let source: String
  private let stream: OpaquePointer
  /// Whether a frame ended and no other one has begun.
  private var isBetweenFrames = false
  /// Compressed bytes before those of the current call.
  private var taken = 0

  /// Nil when the library cannot allocate its state.
  ///
  /// - Parameter source: The name to use in errors.
  init?(source: String) {
    guard let stream = unsafe ZSTD_createDStream() else { return nil }
    unsafe (self.source, self.stream) = (source, stream)
  }

  deinit { unsafe ZSTD_freeDStream(stream) }

  /// Takes some of the input and writes what comes of it.
  ///
  /// - Parameters:
  ///   - range: The part of `input` to take, which loses what was taken.
  ///   - isLast: Whether nothing follows the input.
  ///   - output: What to write into from `position` on, which moves behind what was written.
  /// - Returns: Whether the content has ended.
  /// - Throws: `StorageError.damagedZstd`.
  /// - Precondition: There is room in the output.
  func decode(
    _ input: [UInt8], _ range: inout Range<Int>, isLast: Bool, into output: inout [UInt8],
    at position: inout Int
  ) throws(StorageError) -> Bool {
    precondition(
      range.upperBound <= input.count && position < output.count,
      "\(range) of \(input.count) bytes, room from \(position) of \(output.count)")
    if isBetweenFrames, range.isEmpty { return isLast }
    let (status, consumed, made) = unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        let start = unsafe input.baseAddress.map { unsafe $0 + range.lowerBound }
        let room = unsafe output.baseAddress.map { unsafe $0 + position }
        var from = unsafe ZSTD_inBuffer(src: start, size: range.count, pos: 0)
        var to = unsafe ZSTD_outBuffer(dst: room, size: output.count - position, pos: 0)
        let status = unsafe ZSTD_decompressStream(stream, &to, &from)
        return unsafe (status, from.pos, to.pos)
      }
    }
    range = range.lowerBound + consumed..<range.upperBound
    position += made
    taken += consumed
    guard ZSTD_isError(status) == 0 else {
      throw .damagedZstd(
        path: source, byte: taken, reason: unsafe String(cString: ZSTD_getErrorName(status)))
    }
    isBetweenFrames = status == 0
    guard isBetweenFrames || !isLast || consumed + made > 0 else {
      throw .damagedZstd(path: source, byte: taken, reason: "the file is truncated")
    }
    return false
  }
}
