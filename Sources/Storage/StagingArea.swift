#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif
internal import Synchronization

/// The right of one process to change a folder, and a place to prepare what goes there.
///
/// Files are made under `.staging` and appear under their own names complete or not at all. The
/// lock is `flock(2)` on the folder itself: it leaves no file behind and ends with the process. A
/// process killed at any moment leaves at most `.staging`, which the next area removes.
///
/// Works on local file systems; NFS refuses to lock folders, and this reports it.
public final class StagingArea: Sendable {
  /// The folder that is locked.
  public let root: String
  /// Folders that were made for this area; those still empty at its end go with it.
  private let made: [String]
  /// The locked folder's descriptor; nil when closed.
  private let lock: Mutex<Int32?>

  private var staging: String { "\(root)/.staging" }

  /// Locks a folder, creating it if need be, and removes what a killed process left.
  ///
  /// - Parameter wait: Whether to wait for another area on the folder to close.
  /// - Throws: `StorageError.busy` when another area holds the folder and `wait` is false, or
  ///   `.system`.
  public init(root: String, wait: Bool = false) throws(StorageError) {
    self.root = root
    // An area that is turned away must not get as far as `deinit`, which clears the staging folder.
    let (descriptor, made) = try locked(root, wait: wait)
    self.made = made
    lock = Mutex(descriptor)
    try FileSystem.removeTree(at: staging)
  }

  deinit { release() }

  /// Removes what was staged and not committed, and unlocks the folder. Also happens with the
  /// last reference; closing twice does nothing.
  public func close() { release() }

  private func release() {
    lock.withLock { descriptor in
      guard let open = descriptor else { return }
      // Whatever cannot be removed now, the next area on the folder removes or reports.
      try? FileSystem.removeTree(at: staging)
      FileSystem.removeEmpty(made)
      closeDescriptor(open)
      descriptor = nil
    }
  }

  /// The path under which to make a file or folder of a name; the folder around it exists.
  ///
  /// - Precondition: The area is open and `name` is relative, without `..`.
  public func path(for name: String) throws(StorageError) -> String {
    checkOpen()
    let path = "\(staging)/\(checked(name))"
    try FileSystem.createDirectories(at: FileSystem.split(path).folder)
    return path
  }

  /// Puts a staged file or folder on the disk and then under its own name.
  ///
  /// - Parameters:
  ///   - stagedName: As given to `path(for:)`.
  ///   - destination: Relative to the root; folders above it are created. A file replaces a file.
  /// - Throws: `StorageError.alreadyExists` when the destination exists and either is a folder,
  ///   or the destination is a device, pipe or socket; `.notFound` when nothing is staged under the name, or `.system`.
  /// - Precondition: The area is open, and both names are relative, without `..`.
  public func commit(_ stagedName: String, to destination: String) throws(StorageError) {
    checkOpen()
    let (source, target) = ("\(staging)/\(checked(stagedName))", "\(root)/\(checked(destination))")
    if let existing = FileSystem.item(at: target),
      ![.file, .link].contains(existing) || FileSystem.item(at: source) == .folder
    {
      throw .alreadyExists(path: target)
    }
    try FileSystem.synchronizeTree(at: source)
    let folder = FileSystem.split(target).folder
    try FileSystem.createDirectories(at: folder)
    try FileSystem.move(source, to: target)
    // The new entry, and those of folders that may be new above it.
    var above = folder
    while above.utf8.count > root.utf8.count {
      try FileSystem.synchronize(above)
      above = FileSystem.split(above).folder
    }
    try FileSystem.synchronize(root)
  }

  private func checkOpen() {
    precondition(lock.withLock { $0 != nil }, "staging area of \(root) is closed")
  }
}

/// Makes a folder if need be, and opens and locks it.
///
/// - Returns: Its descriptor, and the folders that were made.
private func locked(
  _ path: String, wait: Bool
) throws(StorageError) -> (descriptor: Int32, made: [String]) {
  var made: [String] = []
  while true {
    made += try FileSystem.createDirectories(at: path)
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { continue }
    guard descriptor >= 0 else { throw .errno("open", path) }
    guard retried({ flock(descriptor, wait ? LOCK_EX : LOCK_EX | LOCK_NB) }) == 0 else {
      let error = errno == EWOULDBLOCK ? StorageError.busy(path: path) : .errno("lock", path)
      closeDescriptor(descriptor)
      throw error
    }
    // An area that ended meanwhile may have removed the folder it had made.
    if isOpen(path, as: descriptor) { return (descriptor, made) }
    closeDescriptor(descriptor)
  }
}

/// Whether a path still names what a descriptor has open.
func isOpen(_ path: String, as descriptor: Int32) -> Bool {
  var (named, opened) = (stat(), stat())
  guard unsafe stat(path, &named) == 0, unsafe fstat(descriptor, &opened) == 0 else { return false }
  return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
}

private func checked(_ name: String) -> String {
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  precondition(
    parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "'\(name)' is no relative path")
  return name
}

private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
