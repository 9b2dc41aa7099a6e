internal import Diagnostics
internal import Storage
internal import Telemetry
internal import Transport

/// The folder of one export: `manifest.json` and finished parts in `chunks`.
///
/// Each part appears whole under a name made of its query and its window, and is then entered into
/// the manifest. A process killed at any moment leaves at most `.staging` and parts that the
/// manifest does not list yet; the next one removes both.
final class ExportFolder {
  /// Where parts are prepared; may be used from any task.
  let area: StagingArea
  private let root: String
  private let suffix: String
  private let request: [String: JSONValue]
  private var manifest: ExportManifest?
  private var lastSave: ContinuousClock.Instant?

  /// Locks a folder and reads what an earlier run left.
  ///
  /// - Parameters:
  ///   - suffix: What the parts' names end with, such as `.json.gz`.
  /// - Throws: `ExportError.otherExport` when the folder holds another request's export,
  ///   `.foreignFolder` when it holds other files, `.damagedChunk` or `StorageError`.
  init(
    opening root: String, request: [String: JSONValue], suffix: String, progress: ProgressSink
  ) throws {
    (self.root, self.request, self.suffix) = (root, request, suffix)
    area = try StagingArea(root: root)
    let path = "\(root)/manifest.json"
    if FileSystem.item(at: path) != nil {
      let found = try ExportManifest(
        parsing: FileSystem.readFile(at: path, limit: 1 << 30), path: path)
      let keys = Set(found.request.keys).union(request.keys).sorted()
        .filter { found.request[$0] != request[$0] }
      guard keys.isEmpty else {
        throw ExportError.otherExport(path: root, difference: keys.joined(separator: ", "))
      }
      manifest = found
      try checkNames(path)
    } else {
      let ours = ["chunks", ".staging", ".manifest.json.partial"]
      guard try FileSystem.contents(of: root).allSatisfy(ours.contains) else {
        throw ExportError.foreignFolder(path: root)
      }
    }
    try removeUnlisted()
    try verify(progress)
  }

  /// What the request meant when the export began; nil when nothing is finished.
  var resolved: ResolvedRequest? { manifest?.resolved }
  /// Finished parts by file name.
  var chunks: [String: ChunkRecord] { manifest?.chunks ?? [:] }
  /// The folder to ingest.
  var chunkFolder: String { "\(root)/chunks" }

  /// Fixes what the request means, unless an earlier run did. It is written with the first part, so
  /// that a request which fails at once leaves nothing behind.
  func begin(_ resolved: ResolvedRequest) {
    if manifest == nil { manifest = ExportManifest(request: request, resolved: resolved) }
  }

  /// The name of a part: 16 digits of what is asked, and its window in milliseconds since 1970.
  func name(of item: ExportItem) -> String {
    guard let manifest else { preconditionFailure("an export that has not begun") }
    var digest = SHA256Digest()
    digest.update(framed: JSONValue.object(request).text())
    digest.update(framed: manifest.resolved.queries[item.query])
    return "\(digest.hexadecimal.prefix(16))-\(item.start.milliseconds)-\(item.end.milliseconds)"
      + suffix
  }

  /// Puts a part that was prepared in the area under its name into place.
  func commit(_ record: ChunkRecord) throws {
    let name = name(of: record.item)
    try area.commit(name, to: "chunks/\(name)")
    manifest?.chunks[name] = record
    manifest?.isComplete = false
    // A manifest of many parts is large; beyond that a kill costs the parts of the last second.
    let pause = chunks.count <= 1000 ? Duration.zero : .seconds(1)
    if lastSave.map({ ContinuousClock.now - $0 >= pause }) ?? true { try save() }
  }

  /// Enters whether everything is there.
  func finish(isComplete: Bool) throws {
    guard manifest?.isComplete != isComplete || lastSave != nil else { return }
    manifest?.isComplete = isComplete
    try save()
  }

  /// Writes the manifest, once a part is finished.
  func save() throws {
    guard let manifest, !manifest.chunks.isEmpty else { return }
    try FileSystem.writeFileAtomically(
      Array(manifest.json().text(indented: true).utf8), to: "\(root)/manifest.json")
    lastSave = .now
  }

  /// Makes sure that the manifest lists parts of this export alone.
  private func checkNames(_ path: String) throws {
    let queries = manifest?.resolved.queries ?? []
    for (key, record) in chunks {
      guard queries.indices.contains(record.item.query), key == name(of: record.item) else {
        throw StorageError.unexpectedShape(
          source: path, path: "chunks.\(firstLine(key))", expected: "a part of this export")
      }
    }
  }

  /// Removes parts that were put into place just before the process was killed: were the same time
  /// fetched again in other parts, its samples would count twice.
  private func removeUnlisted() throws {
    guard FileSystem.item(at: chunkFolder) == .folder else { return }
    for name in try FileSystem.contents(of: chunkFolder) where chunks[name] == nil {
      let stem = name.hasSuffix(suffix) ? name.dropLast(suffix.count) : ""
      let parts = stem.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, parts[0].count == 16, parts[0].allSatisfy({ $0.isHexDigit }) else {
        throw ExportError.foreignFolder(path: chunkFolder)
      }
      try FileSystem.removeTree(at: "\(chunkFolder)/\(name)")
    }
  }

  /// Checks the digests of finished parts, and forgets those that are gone or lack lines.
  private func verify(_ progress: ProgressSink) throws {
    let total = chunks.count
    for (index, (name, record)) in chunks.sorted(by: { $0.key < $1.key }).enumerated() {
      progress(ProgressEvent(stage: "verify", completed: index, total: total))
      let path = "\(chunkFolder)/\(name)"
      guard FileSystem.item(at: path) != nil, record.gaps.isEmpty else {
        manifest?.chunks[name] = nil
        continue
      }
      let found = SHA256Digest.hexadecimal(of: try FileSystem.readFile(at: path, limit: .max - 1))
      guard found == record.sha256 else {
        throw ExportError.damagedChunk(path: path, expected: record.sha256, found: found)
      }
    }
  }
}
