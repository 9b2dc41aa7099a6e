internal import Storage
public import Telemetry

/// Which runs may be forgotten.
public struct RunCollection: Hashable, Sendable {
  /// How many of the newest runs stay whatever their age; nil when their number does not matter.
  public var keep: Int?
  /// Runs that began before this may go; nil when their age does not matter.
  public var before: Timestamp?
  /// Artifacts that something points at: their runs stay.
  public var artifacts: Set<String> = []

  /// Makes a rule by which nothing may go.
  public init() {}

  /// The untagged runs beyond `keep` or older than `before`, the newest first.
  ///
  /// - Parameter runs: All runs, the newest first.
  public func removable(_ runs: [RecordedRun]) -> [RecordedRun] {
    let free = runs.filter { run in
      run.tags.isEmpty && !(run.record.artifactDigest.map(artifacts.contains) ?? false)
    }
    return free.enumerated().filter { place, run in
      (keep.map { place >= $0 } ?? false) || (before.map { run.record.started < $0 } ?? false)
    }.map(\.element)
  }
}

extension RecordedRun {
  /// The files of the run that are there.
  public var presentFiles: [String] {
    guard let folder = record.folder else { return [] }
    return record.files.map { "\(folder)/\($0)" }.filter { FileSystem.item(at: $0) == .file }
  }

  /// Removes the run's files, and its folder when nothing else is in it.
  ///
  /// - Throws: `StorageError`.
  public func removeFiles() throws {
    guard let folder = record.folder else { return }
    for file in presentFiles { try FileSystem.removeTree(at: file) }
    if FileSystem.item(at: folder) == .folder, try FileSystem.contents(of: folder).isEmpty {
      try FileSystem.removeTree(at: folder)
    }
  }
}
