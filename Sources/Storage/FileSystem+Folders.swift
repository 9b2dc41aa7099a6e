#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension FileSystem {
  /// What a path names.
  public enum Item: Sendable {
    /// A file of bytes on a disk.
    case file
    /// A folder.
    case folder
    /// A symbolic link, wherever it points.
    case link
    /// A device, a named pipe or a socket: reading may wait forever and writing keeps nothing.
    case other
  }

  /// What a path names; nil when nothing is there.
  ///
  /// - Parameter followingLinks: Whether to look at what a link points to, which is never a link.
  public static func item(at path: String, followingLinks: Bool = false) -> Item? {
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    guard result == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  /// Creates a folder and those above it; folders that exist are left as they are.
  ///
  /// - Returns: The folders that were made, the outermost first.
  /// - Throws: `StorageError.notAFolder` when something else has the name of one, `.emptyPath` or
  ///   `.system`.
  @discardableResult
  public static func createDirectories(at path: String) throws(StorageError) -> [String] {
    guard !path.isEmpty else { throw .emptyPath(operation: "create folder") }
    var made: [String] = []
    // Another process may remove a folder between the call that finds it and the next one.
    for _ in 0..<1000 {
      if unsafe mkdir(path, 0o755) == 0 { return made + [path] }
      switch errno {
      case ENOENT:
        let (folder, _) = split(path)
        guard folder != path else { throw .errno("create folder", path) }
        made += try createDirectories(at: folder).filter { !made.contains($0) }
      case EEXIST, EISDIR:
        if item(at: path, followingLinks: true) == .folder { return made }
        if item(at: path) != nil { throw .notAFolder(path: path, component: path) }
      case ENOTDIR: throw .notAFolder(path: path, component: firstNonFolder(of: path))
      default: throw .errno("create folder", path)
      }
    }
    throw .errno("create folder", path)
  }

  /// Makes sure that a folder is there or could be made, and that files could be put into it,
  /// without making it.
  ///
  /// - Throws: `StorageError.notAFolder`, `.emptyPath` or `.system`.
  public static func checkFolder(_ path: String) throws(StorageError) {
    guard !path.isEmpty else { throw .emptyPath(operation: "create folder") }
    var existing = path
    while item(at: existing) == nil {
      let (folder, _) = split(existing)
      guard folder != existing else { break }
      existing = folder
    }
    guard item(at: existing, followingLinks: true) == .folder else {
      throw .notAFolder(path: path, component: firstNonFolder(of: existing))
    }
    guard unsafe access(existing, W_OK | X_OK) == 0 else { throw .errno("write", existing) }
  }

  /// Removes folders that are empty, the last first, up to one that is not.
  static func removeEmpty(_ folders: [String]) {
    for folder in folders.reversed() {
      guard unsafe rmdir(folder) == 0 else { return }
    }
  }

  /// The names in a folder in ascending order of their bytes, hidden ones too.
  ///
  /// - Throws: `StorageError.notFound`, `.emptyPath` or `.system`.
  public static func contents(of path: String) throws(StorageError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw .errno("list", path) }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else {
        guard errno == 0 else { throw .errno("list", path) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      }
      let capacity = unsafe MemoryLayout.size(ofValue: entry.pointee.d_name)
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: capacity) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// Removes a file, or a folder with all that is in it; links are removed, not followed.
  ///
  /// - Throws: `StorageError.system`; nothing when the path names nothing.
  public static func removeTree(at path: String) throws(StorageError) {
    switch item(at: path) {
    case nil: return
    case .folder:
      for name in try contents(of: path) { try removeTree(at: "\(path)/\(name)") }
      guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw .errno("remove", path) }
    case .file, .link, .other:
      guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .errno("remove", path) }
    }
  }

  /// Waits until a file, or a folder with all that is in it, is on the disk.
  static func synchronizeTree(at path: String) throws(StorageError) {
    switch item(at: path) {
    case nil: throw .notFound(path: path)
    // Opening a pipe would wait for someone who writes.
    case .link, .other: return
    case .file: try synchronize(path)
    case .folder:
      for name in try contents(of: path) { try synchronizeTree(at: "\(path)/\(name)") }
      try synchronize(path)
    }
  }
}
