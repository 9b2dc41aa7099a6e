#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file that records are added to: a record is in it whole or not at all, as long as the machine
/// keeps running, whenever the process ends.
///
/// Not synchronised with the disk: after a loss of power, records may be missing at the end.
public struct AppendingFile: ~Copyable {
  private let file: Descriptor
  private let path: String
  /// Bytes in the file.
  public private(set) var size = 0

  /// Makes an empty file, in place of any of that name.
  ///
  /// - Throws: `StorageError.system`.
  public init(replacing path: String) throws(StorageError) {
    self.path = path
    file = try Descriptor(
      opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, to: "write", mode: 0o600)
  }

  /// Adds a record. When that fails, the file ends where it did.
  ///
  /// - Throws: `StorageError.system`.
  public mutating func append(_ record: [UInt8]) throws(StorageError) {
    do {
      try file.write(record)
    } catch {
      let end = size
      let number = file.number
      _ = retried { ftruncate(number, off_t(end)) }
      lseek(number, off_t(end), SEEK_SET)
      throw error
    }
    size += record.count
  }
}
