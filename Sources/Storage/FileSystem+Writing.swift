#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension FileSystem {
  /// As many links in a row as Linux follows.
  private static let linkLimit = 40

  /// Writes a file so that at any moment, also after a crash, the path holds either all of the
  /// old or all of the new content.
  ///
  /// The bytes go to `.<name>.partial` beside it, to the disk, and then under their name. Of several
  /// writers one after the other has that file, and what is there last is whole. A killed run leaves
  /// at most that one file, which the next run overwrites. A file that is replaced passes its
  /// permissions on.
  ///
  /// A symbolic link stays and what it points to is replaced. A device or a named pipe is never
  /// replaced: the bytes are written into it, as soon as a pipe has a reader, and a part of them may
  /// stay there when that fails.
  /// `/dev/stdout` and its like are the descriptors that the process was started with, so that a
  /// shell's `>>` appends.
  ///
  /// - Throws: `StorageError.emptyPath`, `.notAFile` for a folder, `.noFolder` or `.notAFolder` when
  ///   there is no folder for it, or `.system`.
  public static func writeFileAtomically(
    _ bytes: [UInt8], to path: String
  ) throws(StorageError) {
    switch try destination(of: path) {
    case .descriptor(let number):
      try Descriptor(duplicating: number, path: path, to: "write").write(bytes)
    case .stream(let target):
      try Descriptor(opening: target, O_WRONLY, to: "write", for: path).write(bytes)
    case .file(let target):
      try replaceFile(at: target, with: bytes, for: path)
    }
  }

  /// Makes a file that only its owner can read and write, and waits until it is on the disk.
  ///
  /// - Throws: `StorageError.alreadyExists` when the path names something, even a link to nothing;
  ///   otherwise as `writeFileAtomically(_:to:)`.
  public static func createPrivateFile(
    _ bytes: [UInt8], at path: String
  ) throws(StorageError) {
    guard item(at: path) == nil else { throw .alreadyExists(path: path) }
    let (folder, name) = split(path)
    guard !path.isEmpty else { throw .emptyPath(operation: "write") }
    guard !name.isEmpty else { throw .notAFile(path: path) }
    try requireFolder(folder, for: path)
    // O_EXCL refuses what came meanwhile, links too.
    let file = try Descriptor(
      opening: path, O_WRONLY | O_CREAT | O_EXCL, to: "write", mode: 0o600)
    do throws(StorageError) {
      try file.write(bytes)
      try file.synchronize()
    } catch {
      unsafe unlink(path)
      throw error
    }
    try synchronize(folder)
  }

  private static func replaceFile(
    at target: String, with bytes: [UInt8], for path: String
  ) throws(StorageError) {
    let (folder, name) = split(target)
    guard !name.isEmpty else { throw .notAFile(path: path) }
    try requireFolder(folder, for: path)
    let partial = "\(folder)/.\(name).partial"
    let file = try lockedPartial(partial, for: path)
    do throws(StorageError) {
      try file.truncate()
      var status = stat()
      if unsafe stat(target, &status) == 0 { try file.setPermissions(status.st_mode & 0o777) }
      try file.write(bytes)
      try file.synchronize()
      try move(partial, to: target)
    } catch {
      unsafe unlink(partial)
      throw error
    }
    try synchronize(folder)
  }

  /// Opens the partial file, alone among all writers of the same path.
  private static func lockedPartial(
    _ partial: String, for path: String
  ) throws(StorageError) -> Descriptor {
    while true {
      let file = try Descriptor(
        opening: partial, O_WRONLY | O_CREAT | O_NOFOLLOW, to: "write", for: path)
      // File systems without locks have no such protection.
      _ = retried { flock(file.number, LOCK_EX) }
      // The writer before may have given the file its name meanwhile.
      if isOpen(partial, as: file.number) { return file }
    }
  }

  /// What bytes for a path are written to.
  private enum Destination {
    /// A descriptor that is open already.
    case descriptor(Int32)
    /// A device, pipe or socket.
    case stream(String)
    /// A file, or a name that is free.
    case file(String)
  }

  /// Follows the links that a path names.
  private static func destination(of path: String) throws(StorageError) -> Destination {
    guard !path.isEmpty else { throw .emptyPath(operation: "write") }
    var target = path
    for _ in 0...linkLimit {
      if let number = openDescriptor(namedBy: target) { return .descriptor(number) }
      switch item(at: target) {
      case .link: target = try step(along: target, for: path)
      case .folder: throw .notAFile(path: path)
      case .other: return .stream(target)
      case .file, nil: return .file(target)
      }
    }
    throw .system(operation: "write", path: path, reason: "too many symbolic links")
  }

  /// The descriptor that a path such as `/dev/fd/1` stands for. Opening the path instead would start
  /// at the beginning of a file, and fail for sockets.
  private static func openDescriptor(namedBy path: String) -> Int32? {
    for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
      return Int32(path.dropFirst(folder.count))
    }
    return nil
  }

  /// The path that a link points to.
  private static func step(
    along link: String, for path: String
  ) throws(StorageError) -> String {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(link, &text, text.count)
    guard count >= 0 else { throw .errno("write", path) }
    let target = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return target.hasPrefix("/") ? target : "\(split(link).folder)/\(target)"
  }

  /// Makes sure that a file of a path can lie in a folder.
  static func requireFolder(
    _ folder: String, for path: String
  ) throws(StorageError) {
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else {
      switch errno {
      case ENOENT: throw .noFolder(path: path, folder: folder)
      case ENOTDIR: throw .notAFolder(path: path, component: firstNonFolder(of: folder))
      default: throw .errno("write", path)
      }
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .notAFolder(path: path, component: folder)
    }
  }

  /// The shortest beginning of a path that names something else than a folder, or the path.
  static func firstNonFolder(of path: String) -> String {
    let slashes = path.utf8.indices.filter { path.utf8[$0] == 0x2F && $0 != path.startIndex }
    for end in slashes {
      let part = String(path[..<end])
      if item(at: part, followingLinks: true) != .folder { return part }
    }
    return path
  }
}
