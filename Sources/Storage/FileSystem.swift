#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file's content with what identifies it on disk.
public struct SourceFile: Hashable, Sendable {
  /// The content, decompressed.
  public var bytes: [UInt8]
  /// SHA-256 of the bytes as they are on disk, 64 hexadecimal digits.
  public var sha256: String
  /// The number of bytes on disk.
  public var sizeOnDisk: Int
}

/// Reads and writes whole files.
public enum FileSystem {
  /// The bytes of a file; also of a pipe, up to its end.
  ///
  /// - Parameter limit: The most bytes to take.
  /// - Throws: `StorageError.notFound`, `.emptyPath`, `.notAFile` for a folder, `.tooLarge` or
  ///   `.system`.
  public static func readFile(at path: String, limit: Int) throws(StorageError) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY, to: "read")
    let status = try file.status()
    guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAFile(path: path) }
    let regular = status.st_mode & S_IFMT == S_IFREG
    guard !regular || Int(status.st_size) <= limit else {
      throw .tooLarge(path: path, limit: limit)
    }
    // One byte more than expected, so that the end shows in the same call.
    var bytes = [UInt8](repeating: 0, count: regular ? Int(status.st_size) + 1 : 1 << 16)
    var count = 0
    while true {
      let taken = try file.read(into: &bytes, from: count)
      if taken == 0 { break }
      count += taken
      guard count <= limit else { throw .tooLarge(path: path, limit: limit) }
      if count == bytes.count {
        bytes.append(contentsOf: repeatElement(0, count: bytes.count))
      }
    }
    bytes.removeSubrange(count...)
    return bytes
  }

  /// A file's content, decompressed if it begins like gzip or Zstandard, whatever its name.
  ///
  /// - Parameter limit: The most bytes to take, on disk as well as decompressed.
  /// - Throws: As `readFile(at:limit:)`, `Gzip.decompress(_:source:limit:)` and
  ///   `Zstd.decompress(_:source:limit:)`.
  public static func readPossiblyCompressed(
    at path: String, limit: Int
  ) throws(StorageError) -> SourceFile {
    let stored = try readFile(at: path, limit: limit)
    let content =
      if Gzip.isGzip(stored) {
        try Gzip.decompress(stored, source: path, limit: limit)
      } else if Zstd.isZstd(stored) {
        try Zstd.decompress(stored, source: path, limit: limit)
      } else {
        stored
      }
    return SourceFile(
      bytes: content, sha256: SHA256Digest.hexadecimal(of: stored), sizeOnDisk: stored.count)
  }

  /// Renames a file or folder; a file of the new name is replaced.
  public static func move(_ path: String, to destination: String) throws(StorageError) {
    guard unsafe rename(path, destination) == 0 else { throw .errno("write", destination) }
  }

  /// Waits until a file's content or a folder's entries are on the disk.
  static func synchronize(_ path: String) throws(StorageError) {
    try Descriptor(opening: path, O_RDONLY, to: "write").synchronize()
  }

  /// A path's folder (`.` if it names none) and last component.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.utf8.index(after: slash)...]))
  }
}
