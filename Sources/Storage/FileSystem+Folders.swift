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
    /// A file, or anything else that is read as one.
    case file
    /// A folder.
    case folder
    /// A symbolic link, wherever it points.
    case link
  }

  /// What a path names, without following a link; nil when nothing is there.
  public static func item(at path: String) -> Item? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .file
    }
  }

  /// Creates a folder and those above it; folders that exist are left as they are.
  ///
  /// - Throws: `StorageError.system` when one cannot be created or a file has its name.
  public static func createDirectories(at path: String) throws(StorageError) {
    if unsafe mkdir(path, 0o755) == 0 { return }
    if errno == ENOENT {
      let (folder, _) = split(path)
      guard folder != path else { throw .errno("create folder", path) }
      try createDirectories(at: folder)
      if unsafe mkdir(path, 0o755) == 0 { return }
    }
    guard errno == EEXIST || errno == EISDIR else { throw .errno("create folder", path) }
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .system(operation: "create folder", path: path, reason: "a file has this name")
    }
  }

  /// The names in a folder in ascending order of their bytes, hidden ones too.
  ///
  /// - Throws: `StorageError.notFound` or `.system`.
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
    case .file, .link:
      guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .errno("remove", path) }
    }
  }

  /// Waits until a file, or a folder with all that is in it, is on the disk.
  static func synchronizeTree(at path: String) throws(StorageError) {
    switch item(at: path) {
    case nil: throw .notFound(path: path)
    case .link: return
    case .file: try synchronize(path)
    case .folder:
      for name in try contents(of: path) { try synchronizeTree(at: "\(path)/\(name)") }
      try synchronize(path)
    }
  }
}
