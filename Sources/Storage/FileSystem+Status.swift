#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file's size and age, and which one it is.
public struct FileStatus: Hashable, Sendable {
  /// Bytes.
  public var size: Int
  /// When the content changed last, in nanoseconds since 1970.
  public var modified: Int64
  /// The file system that has it.
  public var device: UInt64
  /// Its number there, which all names of one file share.
  public var number: UInt64
}

extension FileSystem {
  /// A file's size and age, and which one it is; a link's target is looked at.
  ///
  /// - Throws: `StorageError.notFound`, `.emptyPath` or `.system`.
  public static func status(of path: String) throws(StorageError) -> FileStatus {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .errno("read", path) }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return FileStatus(
      size: Int(status.st_size),
      modified: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
      device: UInt64(truncatingIfNeeded: status.st_dev),
      number: UInt64(truncatingIfNeeded: status.st_ino))
  }
}
