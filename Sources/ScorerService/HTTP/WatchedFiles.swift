internal import Logging
internal import Storage
internal import Synchronization

/// Something made of files, made again when their content changes. What was made last stays when the
/// new content cannot be used.
final class WatchedFiles<Content: Sendable>: Sendable {
  private static var largest: Int { 1 << 20 }

  private let paths: [String]
  private let make: @Sendable ([[UInt8]]) throws -> Content
  private let current: Mutex<(files: [[UInt8]], content: Content)>

  init(_ paths: [String], make: @escaping @Sendable ([[UInt8]]) throws -> Content) throws {
    (self.paths, self.make) = (paths, make)
    let files = try Self.read(paths)
    current = Mutex((files, try make(files)))
  }

  var content: Content { current.withLock { $0.content } }

  /// Looks at the files again.
  func refresh(_ logger: Logger) {
    do {
      let files = try Self.read(paths)
      guard files != current.withLock({ $0.files }) else { return }
      let content = try make(files)
      current.withLock { $0 = (files, content) }
      logger.info("files read again", metadata: ["files": "\(paths.joined(separator: ", "))"])
    } catch {
      logger.error(
        "files cannot be used; what was read before stays",
        metadata: ["files": "\(paths.joined(separator: ", "))", "error": "\(error)"])
    }
  }

  private static func read(_ paths: [String]) throws -> [[UInt8]] {
    try paths.map { try FileSystem.readFile(at: $0, limit: largest) }
  }
}
