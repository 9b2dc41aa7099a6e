internal import CZlib

/// A running compression or decompression, which takes its input in steps.
///
/// Owns its memory and never hands out a pointer.
@safe struct ZlibStream: ~Copyable {
  /// Which way the bytes go.
  enum Direction { case compression, decompression }

  /// Bytes per call of zlib, so that its 32-bit counters never overflow and memory is bounded.
  private static let step = 1 << 18
  /// 15 bits of window and 16 for "gzip, nothing else" (zlib manual, `inflateInit2`).
  private static let windowBits: Int32 = 15 + 16

  /// zlib's state points back to the stream, which must therefore stay where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  private let direction: Direction
  private var scratch = [UInt8](repeating: 0, count: step)
  /// Index of the next input byte.
  private(set) var position = 0

  /// Nil when zlib cannot allocate its state.
  init?(_ direction: Direction) {
    self.direction = direction
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status =
      switch direction {
      case .compression: unsafe cdeflateInit2(stream, 9, Self.windowBits, 8)
      case .decompression: unsafe cinflateInit2(stream, Self.windowBits)
      }
    guard status == Z_OK else { return nil }
  }

  deinit {
    switch direction {
    case .compression: unsafe deflateEnd(stream)
    case .decompression: unsafe inflateEnd(stream)
    }
    unsafe stream.deallocate()
  }

  /// Takes at most one step of the input and appends what comes of it; returns zlib's status.
  mutating func advance(through bytes: [UInt8], into output: inout [UInt8]) -> Int32 {
    let available = min(Self.step, bytes.count - position)
    let status = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        // zlib takes its input as mutable and never writes to it.
        let start = unsafe input.baseAddress.map { unsafe $0 + position }
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        unsafe stream.pointee.avail_in = UInt32(available)
        unsafe stream.pointee.next_out = scratch.baseAddress
        unsafe stream.pointee.avail_out = UInt32(scratch.count)
        return switch direction {
        case .compression:
          unsafe deflate(stream, position + available == bytes.count ? Z_FINISH : Z_NO_FLUSH)
        case .decompression: unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        }
      }
    }
    position += unsafe available - Int(stream.pointee.avail_in)
    output += unsafe scratch[..<(scratch.count - Int(stream.pointee.avail_out))]
    return status
  }

  /// Decompresses a part of the input into a part of the output; returns zlib's status.
  ///
  /// - Parameters:
  ///   - range: The input's bytes to take, which lose those that were taken.
  ///   - position: Where in the output to write, which moves behind what was written.
  mutating func inflate(
    _ input: [UInt8], _ range: inout Range<Int>, into output: inout [UInt8],
    at position: inout Int
  ) -> Int32 {
    let part = min(Self.step, range.count)
    let room = min(Self.step, output.count - position)
    precondition(range.upperBound <= input.count && room >= 0, "\(range) of \(input.count) bytes")
    let status = unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        let start = unsafe input.baseAddress.map { unsafe $0 + range.lowerBound }
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        unsafe stream.pointee.avail_in = UInt32(part)
        unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + position }
        unsafe stream.pointee.avail_out = UInt32(room)
        return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
      }
    }
    let rest = unsafe Int(stream.pointee.avail_in)
    range = range.lowerBound + part - rest..<range.upperBound
    position += unsafe room - Int(stream.pointee.avail_out)
    return status
  }

  /// Prepares for another member; false when zlib refuses.
  mutating func restart() -> Bool { unsafe inflateReset(stream) == Z_OK }

  /// What zlib says is wrong.
  var message: String? { unsafe stream.pointee.msg.map { unsafe String(cString: $0) } }
}
