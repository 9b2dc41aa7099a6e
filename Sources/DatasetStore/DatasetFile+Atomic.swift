internal import Storage
public import Telemetry

extension DatasetFile {
  /// Writes a snapshot so that the path holds either all of the old file or all of the new one.
  ///
  /// - Throws: As `write(_:to:)`.
  public static func writeAtomically(
    _ dataset: Dataset, to path: String
  ) throws(DatasetStoreError) {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let partial = "\(path[..<slash]).\(path[slash...]).partial"
    do throws(DatasetStoreError) {
      try write(dataset, to: partial)
      do throws(StorageError) {
        try FileSystem.move(partial, to: path)
      } catch {
        throw .storage(error)
      }
    } catch {
      try? FileSystem.removeTree(at: partial)
      throw error
    }
  }
}
