#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A part of a file's content, in a buffer that is used again for the next part.
public struct ByteWindow: Sendable {
  /// The buffer. What is behind the first `count` bytes means nothing.
  public fileprivate(set) var bytes: [UInt8]
  /// The bytes of the content that are in the buffer.
  public fileprivate(set) var count = 0
  /// Where the first of them stands in the content.
  public fileprivate(set) var offset = 0
  /// Whether nothing follows.
  public fileprivate(set) var isLast = false

  /// Makes an empty window.
  ///
  /// - Parameter size: The bytes it holds at first. It grows when a token has no room in it.
  /// - Precondition: `size` is positive.
  public init(size: Int = 2 << 20) {
    precondition(size > 0, "a window of \(size) bytes")
    bytes = [UInt8](repeating: 0, count: size)
  }
}

/// Decompresses bytes that arrive in parts.
protocol StreamDecoder: AnyObject {
  /// Takes some of the input and writes what comes of it.
  ///
  /// - Parameters:
  ///   - range: The part of `input` to take, which loses what was taken.
  ///   - isLast: Whether nothing follows the input.
  ///   - output: What to write into from `position` on, which moves behind what was written.
  /// - Returns: Whether the content has ended.
  /// - Precondition: There is room in the output.
  func decode(
    _ input: [UInt8], _ range: inout Range<Int>, isLast: Bool, into output: inout [UInt8],
    at position: inout Int
  ) throws(StorageError) -> Bool
}

/// The content of a file, handed out window by window and decompressed on the way if it begins like
/// gzip or Zstandard, whatever its name.
///
/// The SHA-256 of the bytes on disk is computed in passing, so that a file is read once.
public final class ByteSource {
  /// Bytes taken from the disk at once where they are compressed.
  private static let step = 1 << 18

  /// The path as given, for errors.
  public let path: String
  /// The size that the system states; nil for a pipe.
  public let sizeOnDisk: Int?
  /// Bytes taken from the disk so far.
  public private(set) var bytesRead = 0
  /// Bytes of content handed out so far.
  public private(set) var bytesProduced = 0
  /// Called after each read from the disk.
  public var onRead: (() -> Void)?

  private let limit: Int
  private let file: Descriptor
  private var digest: SHA256Digest?
  private var decoder: (any StreamDecoder)?
  /// What was read and not handed out: the beginning, or compressed bytes.
  private var input = [UInt8](repeating: 0, count: step)
  private var inputRange = 0..<0
  private var isAtEndOfFile = false
  private var isFinished = false

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - limit: The most bytes to take, on disk as well as decompressed.
  ///   - identified: Whether the SHA-256 is wanted, which takes longer than reading.
  /// - Throws: As `FileSystem.readFile(at:limit:)`.
  public init(
    opening path: String, limit: Int, identified: Bool = true
  ) throws(StorageError) {
    (self.path, self.limit) = (path, limit)
    digest = identified ? SHA256Digest() : nil
    file = try Descriptor(opening: path, O_RDONLY, to: "read")
    let status = try file.status()
    guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAFile(path: path) }
    sizeOnDisk = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    if let sizeOnDisk, sizeOnDisk > limit { throw .tooLarge(path: path, limit: limit) }
    // A pipe may hand out a byte at a time, and the longer magic number has four.
    while inputRange.count < 4, !isAtEndOfFile {
      inputRange = 0..<(try take(into: &input, from: inputRange.upperBound))
    }
    let beginning = Array(input[inputRange])
    if Gzip.isGzip(beginning) {
      decoder = GzipDecoder(source: path)
    } else if Zstd.isZstd(beginning) {
      decoder = ZstdDecoder(source: path)
    } else {
      return
    }
    guard decoder != nil else {
      throw .system(operation: "decompress", path: path, reason: "no memory left")
    }
  }

  /// Drops a window's bytes before an index, moves the others to its beginning and fills it up.
  ///
  /// The window doubles when all of it is kept, so that every call brings at least one byte more
  /// unless nothing is left. How long a token may become is for the caller to limit.
  ///
  /// - Throws: `StorageError.tooLarge`, `.damagedGzip` or `.system`.
  /// - Precondition: `index` is at most `window.count`, and the windows of a source are filled in
  ///   the order of its content.
  public func advance(_ window: inout ByteWindow, to index: Int) throws(StorageError) {
    precondition(0...window.count ~= index, "byte \(index) of a window of \(window.count)")
    window.shift(by: index)
    if window.count == window.bytes.count { window.grow(to: 2 * window.count) }
    try fill(&window)
  }

  private func fill(_ window: inout ByteWindow) throws(StorageError) {
    while window.count < window.bytes.count, !isFinished {
      let before = window.count
      try produce(into: &window)
      bytesProduced += window.count - before
      guard bytesProduced <= limit else { throw .tooLarge(path: path, limit: limit) }
    }
    window.isLast = isFinished
  }

  /// Fills a buffer behind its first `start` bytes with what follows, in the place of a window.
  ///
  /// - Returns: The bytes taken; 0 when nothing is left.
  /// - Throws: As `advance(_:to:)`.
  /// - Precondition: The buffer has room.
  public func fill(_ buffer: inout [UInt8], from start: Int) throws(StorageError) -> Int {
    precondition(start < buffer.count, "no room behind byte \(start) of \(buffer.count)")
    var window = ByteWindow(size: 1)
    swap(&window.bytes, &buffer)
    window.count = start
    defer { swap(&window.bytes, &buffer) }
    try fill(&window)
    return window.count - start
  }

  /// All of the content that was not handed out yet.
  ///
  /// - Parameters:
  ///   - window: What was handed out and comes first; nil for nothing.
  ///   - limit: The most bytes to hold.
  /// - Throws: As `advance(_:to:)`, and `.tooLarge` for more than `limit`.
  public func readAll(
    after window: consuming ByteWindow? = nil, limit: Int = .max
  ) throws(StorageError) -> [UInt8] {
    // One byte more than expected, so that the end shows in the same call.
    let expected = decoder == nil ? sizeOnDisk.map { $0 + 1 } : nil
    if let expected, expected - 1 > limit { throw .tooLarge(path: path, limit: limit) }
    var all = window ?? ByteWindow(size: expected ?? Self.step)
    while !all.isLast {
      guard all.count <= limit else { throw .tooLarge(path: path, limit: limit) }
      try advance(&all, to: 0)
    }
    guard all.count <= limit else { throw .tooLarge(path: path, limit: limit) }
    all.bytes.removeSubrange(all.count...)
    return all.bytes
  }

  /// Reads what is left and returns what identifies the file.
  ///
  /// - Returns: SHA-256 of the bytes on disk, 64 hexadecimal digits, empty unless it is wanted, and
  ///   their number.
  /// - Throws: As `advance(_:to:)`.
  public func finish() throws(StorageError) -> (sha256: String, sizeOnDisk: Int) {
    if !isFinished {
      var rest = ByteWindow(size: Self.step)
      repeat { try advance(&rest, to: rest.count) } while !rest.isLast
    }
    return (digest?.hexadecimal ?? "", bytesRead)
  }

  /// Appends some of the content, or notes that there is no more.
  private func produce(into window: inout ByteWindow) throws(StorageError) {
    guard let decoder else {
      if inputRange.isEmpty {
        window.count += try take(into: &window.bytes, from: window.count) - window.count
        isFinished = isAtEndOfFile
      } else {
        let part = min(inputRange.count, window.bytes.count - window.count)
        let end = inputRange.lowerBound + part
        window.bytes.replaceSubrange(
          window.count..<window.count + part, with: input[inputRange.lowerBound..<end])
        inputRange = end..<inputRange.upperBound
        window.count += part
      }
      return
    }
    if inputRange.isEmpty, !isAtEndOfFile { inputRange = 0..<(try take(into: &input, from: 0)) }
    isFinished = try decoder.decode(
      input, &inputRange, isLast: isAtEndOfFile, into: &window.bytes, at: &window.count)
  }

  /// Reads behind `start` and returns where the bytes read end.
  private func take(into buffer: inout [UInt8], from start: Int) throws(StorageError) -> Int {
    let count = try file.read(into: &buffer, from: start)
    isAtEndOfFile = count == 0
    bytesRead += count
    guard bytesRead <= limit else { throw .tooLarge(path: path, limit: limit) }
    digest?.update(buffer[start..<start + count])
    onRead?()
    return start + count
  }
}

extension ByteWindow {
  fileprivate mutating func shift(by index: Int) {
    offset += index
    count -= index
    guard index > 0, count > 0 else { return }
    let kept = count
    unsafe bytes.withUnsafeMutableBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[index..<index + kept])
      unsafe bytes.copyMemory(from: rest)
    }
  }

  fileprivate mutating func grow(to size: Int) {
    bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
  }
}
