internal import CZstd

/// A running decompression of Zstandard frames, which takes its input in steps.
///
/// Owns its memory and never hands out a pointer. The library refuses frames that need a window
/// beyond 128 MiB, so that memory is bounded by that and one step.
@safe struct ZstdStream: ~Copyable {
  /// What a step came to.
  enum Status: Equatable {
    /// A frame ended and all of it was given out; another one may follow.
    case endOfFrame
    /// More input is needed, or more output waits.
    case within
    /// The library refuses, for this reason.
    case failed(String)
  }

  /// Bytes per call, in and out.
  private static let step = 1 << 18

  private let stream: OpaquePointer
  private var scratch = [UInt8](repeating: 0, count: step)
  /// Index of the next input byte.
  private(set) var position = 0

  /// Nil when the library cannot allocate its state.
  init?() {
    guard let stream = unsafe ZSTD_createDStream() else { return nil }
    unsafe self.stream = stream
  }

  deinit { unsafe ZSTD_freeDStream(stream) }

  /// Takes at most one step of the input and appends what comes of it.
  mutating func advance(through bytes: [UInt8], into output: inout [UInt8]) -> Status {
    let available = min(Self.step, bytes.count - position)
    var (taken, made) = (0, 0)
    let status = unsafe bytes.withUnsafeBytes { input in
      unsafe scratch.withUnsafeMutableBytes { scratch in
        let start = unsafe input.baseAddress.map { unsafe $0 + position }
        var source = unsafe ZSTD_inBuffer(src: start, size: available, pos: 0)
        var sink = unsafe ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
        let status = unsafe ZSTD_decompressStream(stream, &sink, &source)
        (taken, made) = unsafe (source.pos, sink.pos)
        return status
      }
    }
    position += taken
    output += scratch[..<made]
    guard ZSTD_isError(status) == 0 else {
      return .failed(unsafe String(cString: ZSTD_getErrorName(status)))
    }
    return status == 0 ? .endOfFrame : .within
  }
}
