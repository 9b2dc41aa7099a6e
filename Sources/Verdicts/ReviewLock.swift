public import Storage

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
    // Always in the same order, so that two reviewers never wait for each other.
    for file in Set(files).sorted() {
      areas.append(try StagingArea(root: file + suffix, wait: true))
    }
    return try work()
  }
}
