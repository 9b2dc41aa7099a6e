public import Storage

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The right to write decisions and labels, for one reviewer at a time.
///
/// Each file has a folder `<file>.lock` beside it for as long as it is held. The lock itself is the
/// system's and ends with the process, so a folder that a killed one left is of no meaning.
public enum ReviewLock {
  /// What follows the name of a locked file.
  public static let suffix = ".lock"

  /// Does work while no other reviewer holds any of the files; waits for those who do.
  ///
  /// - Parameters:
  ///   - files: The files that are read and then replaced, in any order.
  ///   - work: Everything from reading to writing.
  /// - Throws: `StorageError` when the system does not lock, as on NFS, and what `work` throws.
  public static func holding<Result>(
    _ files: [String], _ work: () throws -> Result
  ) throws -> Result {
    var areas: [StagingArea] = []
    defer { for area in areas.reversed() { area.close() } }
    // Each file once, by whatever path, and always in the same order, so that two reviewers never wait
    // for each other.
    for file in Set(files.map(Self.resolved)).sorted() {
      areas.append(try StagingArea(root: file + suffix, wait: true))
    }
    return try work()
  }

  /// The one path that a file has without links; of a file that is not there yet, by its folder.
  package static func resolved(_ path: String) -> String {
    if let whole = real(path) { return whole }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let folder = path.dropLast(name.count)
    return real(folder.isEmpty ? "." : String(folder)).map { "\($0)/\(name)" } ?? path
  }

  private static func real(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
