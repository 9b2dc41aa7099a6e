internal import Storage
internal import Telemetry

/// Finds the log files in a folder and in those below it.
struct LogFolder {
  /// Folders within each other.
  private static let depthLimit = 16
  /// Files of one source.
  private static let fileLimit = 100_000

  /// A file, by the file system and its number there.
  private struct Identity: Hashable {
    var device: UInt64
    var number: UInt64
  }

  private let root: String
  private let isLog: (String) -> Bool
  private var files: [RotatedLog.Part] = []
  private var links: [RotatedLog.Part] = []

  /// The logs at a path: those of one file, or of all files in a folder but hidden ones.
  ///
  /// A link to a file counts as the file, unless that is in the folder too, as where Kubernetes links
  /// the logs of pods. Links to folders are not followed, so that no file is met twice and no way is
  /// endless; the report counts what was passed over.
  ///
  /// - Parameter isLog: Whether a file of a folder is a log, by its name.
  static func logs(
    at path: String, in collector: inout TelemetryCollector, where isLog: @escaping (String) -> Bool
  ) throws -> [RotatedLog] {
    guard FileSystem.item(at: path, followingLinks: true) == .folder else {
      return RotatedLog.logs(of: [RotatedLog.Part(path: path, name: path.lastComponent)])
    }
    var folder = LogFolder(root: path, isLog: isLog)
    try folder.list("", depth: 0, &collector)
    try folder.addLinks(&collector)
    guard !folder.files.isEmpty else { throw IngestError.emptyFolder(path: path, endings: []) }
    return RotatedLog.logs(of: folder.files)
  }

  private init(root: String, isLog: @escaping (String) -> Bool) {
    (self.root, self.isLog) = (root, isLog)
  }

  private mutating func list(
    _ folder: String, depth: Int, _ collector: inout TelemetryCollector
  ) throws {
    for entry in try FileSystem.contents(of: folder.isEmpty ? root : "\(root)/\(folder)")
    where !entry.hasPrefix(".") {
      let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
      let file = RotatedLog.Part(path: "\(root)/\(name)", name: name)
      switch FileSystem.item(at: file.path) {
      case .folder:
        guard depth < Self.depthLimit else {
          throw IngestError.unsupported(
            path: file.path,
            reason: "more than \(Self.depthLimit) folders within each other; name one of them")
        }
        try list(name, depth: depth + 1, &collector)
      case .file where isLog(entry): files.append(file)
      case .link where isLog(entry): links.append(file)
      case .other where isLog(entry): skip("not_a_file", file, &collector)
      default: break
      }
      guard files.count + links.count <= Self.fileLimit else {
        throw IngestError.unsupported(
          path: root, reason: "more than \(Self.fileLimit) files; name a folder within it")
      }
    }
  }

  private mutating func addLinks(_ collector: inout TelemetryCollector) throws {
    guard !links.isEmpty else { return }
    var known = Set(try files.map { try identity($0.path) })
    for link in links {
      switch FileSystem.item(at: link.path, followingLinks: true) {
      case .file:
        if known.insert(try identity(link.path)).inserted {
          files.append(link)
        } else {
          skip("link_to_known_file", link, &collector)
        }
      case .folder: skip("link_to_folder", link, &collector)
      case nil: skip("broken_link", link, &collector)
      default: skip("not_a_file", link, &collector)
      }
    }
  }

  private func identity(_ path: String) throws -> Identity {
    let status = try FileSystem.status(of: path)
    return Identity(device: status.device, number: status.number)
  }

  private func skip(
    _ reason: String, _ file: RotatedLog.Part, _ collector: inout TelemetryCollector
  ) {
    collector.report.note(
      reason, .skipped, in: root.lastComponent, example: foreign(file.name))
  }
}
