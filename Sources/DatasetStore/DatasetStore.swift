internal import Storage
public import Telemetry

/// A folder of dataset snapshots, each named by the digest of what it says.
///
/// A snapshot appears complete or not at all, is never changed, and is stored once however often it
/// is saved: `<root>/sha256-<64 hexadecimal digits>.h5`.
public struct DatasetStore: Sendable {
  private static let prefix = "sha256-"
  private static let suffix = ".h5"
  /// The name of a snapshot whose digest is not known yet.
  static let staged = "snapshot.h5"

  /// One snapshot of the store.
  public struct Entry: Hashable, Sendable {
    /// The file.
    public var path: String
    /// The content digest in its name, 64 hexadecimal digits.
    public var digest: String
  }

  /// What saving did.
  public struct Saved: Hashable, Sendable {
    /// The snapshot's file.
    public var path: String
    /// The dataset's content digest, 64 hexadecimal digits.
    public var digest: String
    /// Whether the snapshot was not there before.
    public var isNew: Bool
  }

  /// The store's folder.
  public let root: String

  /// Names a store; its folder is created when the first dataset is saved.
  public init(root: String) { self.root = root }

  /// Saves a dataset unless it is there already, waiting for others who are saving.
  ///
  /// A snapshot that is there and cannot be read any more is replaced.
  ///
  /// - Throws: As `DatasetFile.write(_:to:content:)`, and `.storage` when the folder cannot be changed.
  public func save(_ dataset: Dataset) throws(DatasetStoreError) -> Saved {
    let digest = dataset.contentDigest
    let name = Self.prefix + digest + Self.suffix
    let path = "\(root)/\(name)"
    let area = try storage { () throws(StorageError) in try StagingArea(root: root, wait: true) }
    defer { area.close() }
    if FileSystem.item(at: path) != nil, DatasetFile.isIntact(path, digest) {
      return Saved(path: path, digest: digest, isNew: false)
    }
    let staged = try storage { () throws(StorageError) in try area.path(for: Self.staged) }
    var stream = try SnapshotStream(creating: staged)
    try DatasetFile.hand(dataset, to: &stream)
    _ = try stream.finish(dataset.outline)
    try storage { () throws(StorageError) in try area.commit(Self.staged, to: name) }
    return Saved(path: path, digest: digest, isNew: true)
  }

  /// Saves a dataset that is made part by part, in memory that does not grow with it.
  ///
  /// The file is written while the dataset is made; if the same snapshot turns out to be there
  /// already and can be read, the new file is dropped.
  ///
  /// - Parameter make: Hands the grid and the services to the sink and returns the rest. Nothing is
  ///   touched, and nobody waited for, before the sink gets the grid.
  /// - Throws: As `save(_:)`, and what `make` throws.
  public func save(
    _ make: (inout SnapshotSink) throws -> DatasetOutline
  ) throws -> (saved: Saved, outline: DatasetOutline) {
    var sink = SnapshotSink(root: root)
    let outline = try make(&sink)
    guard let (area, stream) = sink.target else {
      preconditionFailure("a dataset was made without a grid")
    }
    defer { area.close() }
    let digest = try stream.finish(outline).digest
    let name = Self.prefix + digest + Self.suffix
    let path = "\(root)/\(name)"
    if FileSystem.item(at: path) != nil, DatasetFile.isIntact(path, digest) {
      return (Saved(path: path, digest: digest, isNew: false), outline)
    }
    try storage { () throws(StorageError) in try area.commit(Self.staged, to: name) }
    return (Saved(path: path, digest: digest, isNew: true), outline)
  }

  /// Reads a snapshot.
  ///
  /// - Parameter reference: A path (it has a `/` or ends in `.h5`), or the first digits of a digest,
  ///   with or without `sha256-`.
  /// - Throws: `.unknownDigest` or `.ambiguousDigest`; otherwise as `DatasetFile.read(_:)`.
  public func load(_ reference: String) throws(DatasetStoreError) -> Dataset {
    if isPath(reference) { return try DatasetFile.read(reference) }
    let entry = try entry(reference)
    return try DatasetFile.read(entry.path, expecting: entry.digest)
  }

  /// The file that a reference names, as for `load(_:)`.
  public func path(of reference: String) throws(DatasetStoreError) -> String {
    isPath(reference) ? reference : try entry(reference).path
  }

  private func isPath(_ reference: String) -> Bool {
    reference.contains("/") || reference.hasSuffix(Self.suffix)
  }

  /// The snapshot of the store that a reference names.
  ///
  /// - Parameter reference: The first digits of a digest, with or without `sha256-`.
  /// - Throws: `.unknownDigest` or `.ambiguousDigest`.
  public func entry(_ reference: String) throws(DatasetStoreError) -> Entry {
    let digits =
      reference.hasPrefix(Self.prefix) ? reference.dropFirst(Self.prefix.count) : reference[...]
    let matches = try list().filter { $0.digest.hasPrefix(digits) }
    guard let match = matches.first, !digits.isEmpty else {
      throw .unknownDigest(root: root, prefix: reference)
    }
    guard matches.count == 1 else {
      throw .ambiguousDigest(root: root, prefix: reference, count: matches.count)
    }
    return match
  }

  /// The snapshots in ascending order of digest; none if the folder does not exist.
  public func list() throws(DatasetStoreError) -> [Entry] {
    guard FileSystem.item(at: root) != nil else { return [] }
    let names = try storage { () throws(StorageError) in try FileSystem.contents(of: root) }
    return names.compactMap { name in
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
      let digest = name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)
      guard digest.utf8.count == 64, digest.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
        return nil
      }
      return Entry(path: "\(root)/\(name)", digest: String(digest))
    }
  }
}

/// Calls the file system.
func storage<Result>(
  _ body: () throws(StorageError) -> Result
) throws(DatasetStoreError) -> Result {
  do { return try body() } catch { throw .storage(error) }
}
