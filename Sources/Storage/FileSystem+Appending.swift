#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension FileSystem {
  /// Adds a line to the end of a file, which is made if need be, and waits until it is on the disk.
  ///
  /// Of several writers, also in other processes, each adds whole lines. A line that a killed writer
  /// left unfinished is ended first, so that it spoils no other.
  ///
  /// - Parameters:
  ///   - line: Without its end.
  ///   - limit: The largest size of the file.
  /// - Throws: `StorageError.tooLarge` before anything is written, `.noFolder`, `.notAFolder` or
  ///   `.system`.
  public static func append(
    line: [UInt8], to path: String, limit: Int
  ) throws(StorageError) {
    guard !path.isEmpty else { throw .emptyPath(operation: "write") }
    try requireFolder(split(path).folder, for: path)
    let file = try Descriptor(
      opening: path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, to: "write", mode: 0o600)
    // File systems without locks have no such protection.
    _ = retried { flock(file.number, LOCK_EX) }
    let size = Int(try file.status().st_size)
    guard size + line.count + 2 <= limit else { throw .tooLarge(path: path, limit: limit) }
    var last: [UInt8] = [0x0A]
    if size > 0 { try file.read(into: &last, at: size - 1) }
    try file.write((last[0] == 0x0A ? [] : [0x0A]) + line + [0x0A])
    try file.synchronize()
  }
}
