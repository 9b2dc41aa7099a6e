internal import Storage
internal import Telemetry

extension DatasetStore {
  /// A snapshot that cannot be believed.
  public struct Damage: Sendable {
    /// The snapshot.
    public var entry: Entry
    /// What is wrong.
    public var error: DatasetStoreError
  }

  /// A snapshot with its size.
  public struct StoredFile: Hashable, Sendable {
    /// The snapshot.
    public var entry: Entry
    /// Bytes on disk.
    public var size: Int
  }

  /// Reads a snapshot and computes its digest anew; nil when both are right.
  ///
  /// - Throws: `.storage` when the system does not let the file be read, `.unsupportedVersion` when
  ///   another version of this program wrote it: neither tells of damage.
  public func damage(of entry: Entry) throws(DatasetStoreError) -> Damage? {
    do throws(DatasetStoreError) {
      try DatasetFile.verify(entry.path, entry.digest)
      return nil
    } catch {
      switch error {
      case .storage, .unsupportedVersion: throw error
      default: return Damage(entry: entry, error: error)
      }
    }
  }

  /// The snapshots that nothing refers to, the oldest first.
  ///
  /// - Parameters:
  ///   - referenced: The digests of snapshots to keep.
  ///   - newest: How many of the snapshots that were saved last to keep in any case.
  public func unused(
    referenced: Set<String>, keepingNewest newest: Int
  ) throws(DatasetStoreError) -> [StoredFile] {
    precondition(newest >= 0, "\(newest) snapshots to keep")
    var files: [(file: StoredFile, modified: Int64)] = []
    for entry in try list() {
      let status = try storage { () throws(StorageError) in try FileSystem.status(of: entry.path) }
      files.append((StoredFile(entry: entry, size: status.size), status.modified))
    }
    return files.sorted {
      ($0.modified, $0.file.entry.digest) < ($1.modified, $1.file.entry.digest)
    }
    .dropLast(newest).map(\.file).filter { !referenced.contains($0.entry.digest) }
  }

  /// Removes snapshots, waiting for others who are saving.
  public func remove(_ entries: [Entry]) throws(DatasetStoreError) {
    guard !entries.isEmpty else { return }
    try storage { () throws(StorageError) in
      let area = try StagingArea(root: root, wait: true)
      defer { area.close() }
      for entry in entries { try FileSystem.removeTree(at: entry.path) }
    }
  }
}
