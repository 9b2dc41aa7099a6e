#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Numbers that have no room in memory, in a file without a name that ends with the process.
public final class ScratchFile: Sendable {
  /// Where scratch files lie unless said otherwise: `TMPDIR`, or `/var/tmp`, which unlike `/tmp` is
  /// on a disk everywhere, or `/tmp`.
  public static var defaultFolder: String {
    if let set = unsafe getenv("TMPDIR") {
      let folder = unsafe String(cString: set)
      if !folder.isEmpty { return folder }
    }
    return unsafe access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
  }

  private let file: Descriptor

  /// Makes an empty file.
  ///
  /// - Parameter folder: The folder on whose disk the bytes go.
  /// - Throws: `StorageError.notFound` without the folder, or `.system`.
  public init(in folder: String = defaultFolder) throws(StorageError) {
    file = try Descriptor(temporaryIn: folder)
  }

  /// Writes numbers.
  ///
  /// - Parameter index: The place of the first one, counted in numbers of eight bytes.
  /// - Throws: `StorageError.system`, as when the disk is full.
  public func write(_ numbers: [UInt64], at index: Int) throws(StorageError) {
    try file.write(numbers, at: 8 * index)
  }

  /// Reads numbers.
  ///
  /// - Parameter index: The place of the first one, counted in numbers of eight bytes.
  /// - Throws: `StorageError.system`, also when less was written.
  public func read(count: Int, at index: Int) throws(StorageError) -> [UInt64] {
    var numbers = [UInt64](repeating: 0, count: count)
    try file.read(into: &numbers, at: 8 * index)
    return numbers
  }
}
