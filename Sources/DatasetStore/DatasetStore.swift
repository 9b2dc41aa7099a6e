internal import Storage
public import Telemetry

/// A folder of dataset snapshots, each named by the digest of what it says.
///
/// A snapshot appears complete or not at all, is never changed, and is stored once however often it
/// is saved: `<root>/sha256-<64 hexadecimal digits>.h5`.
public struct DatasetStore: Sendable {
  private static let prefix = "sha256-"
  private static let suffix = ".h5"

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
    if FileSystem.item(at: path) != nil, isIntact(path, digest) {
      return Saved(path: path, digest: digest, isNew: false)
    }
    let staged = try storage { () throws(StorageError) in try area.path(for: name) }
    try DatasetFile.write(dataset, digest: digest, to: staged, content: .telemetry)
    try storage { () throws(StorageError) in try area.commit(name, to: name) }
    return Saved(path: path, digest: digest, isNew: true)
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

  private func isIntact(_ path: String, _ digest: String) -> Bool {
    do {
      _ = try DatasetFile.read(path, expecting: digest)
      return true
    } catch {
      return false
    }
  }
}

/// Calls the file system.
func storage<Result>(
  _ body: () throws(StorageError) -> Result
) throws(DatasetStoreError) -> Result {
  do { return try body() } catch { throw .storage(error) }
}
