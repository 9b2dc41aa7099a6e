#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// An open file or folder, closed with the value.
struct Descriptor: ~Copyable {
  let number: Int32
  private let path: String

  /// Opens a path.
  ///
  /// - Parameters:
  ///   - flags: As for `open(2)`; the descriptor never passes to a child process.
  ///   - operation: What the caller is about to do, for errors.
  ///   - named: The path to name in errors if another stands for this one.
  ///   - mode: Who may use a file that this makes.
  init(
    opening path: String, _ flags: Int32, to operation: String, for named: String? = nil,
    mode: mode_t = 0o644
  ) throws(StorageError) {
    self.path = named ?? path
    number = retried { unsafe open(path, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw .errno(operation, self.path) }
  }

  /// Duplicates a descriptor that is open; `path` is the one to name in errors.
  init(
    duplicating open: Int32, path: String, to operation: String
  ) throws(StorageError) {
    self.path = path
    number = retried { fcntl(open, F_DUPFD_CLOEXEC, 0) }
    guard number >= 0 else { throw .errno(operation, path) }
  }

  /// Makes a file that has no name and is gone when it is closed.
  ///
  /// - Parameter folder: Where its bytes are kept.
  init(temporaryIn folder: String) throws(StorageError) {
    path = "\(folder) (temporary file)"
    var name = Array("\(folder)/autopilot-XXXXXX".utf8CString)
    number = retried { unsafe mkstemp(&name) }
    guard number >= 0 else { throw .errno("write", path) }
    unsafe unlink(name)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(number) }

  /// What the system knows of the file.
  func status() throws(StorageError) -> stat {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw .errno("read", path) }
    return status
  }

  /// Fills a part of a buffer and returns how much; 0 at the end of the file.
  func read(into buffer: inout [UInt8], from offset: Int) throws(StorageError) -> Int {
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
      return retried { unsafe systemRead(number, part.baseAddress, part.count) }
    }
    guard count >= 0 else { throw .errno("read", path) }
    return count
  }

  /// Writes all bytes.
  func write(_ bytes: [UInt8]) throws(StorageError) {
    var position = 0
    while position < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { all in
        let part = unsafe UnsafeRawBufferPointer(rebasing: all[position...])
        return retried { unsafe systemWrite(number, part.baseAddress, part.count) }
      }
      guard count > 0 else { throw .errno("write", path) }
      position += count
    }
  }

  /// Removes all content.
  func truncate() throws(StorageError) {
    guard retried({ ftruncate(number, 0) }) == 0 else { throw .errno("write", path) }
  }

  /// Sets who may read and write the file.
  func setPermissions(_ mode: mode_t) throws(StorageError) {
    guard fchmod(number, mode) == 0 else { throw .errno("write", path) }
  }

  /// Writes numbers as they are in memory, to a place in the file.
  ///
  /// - Parameter offset: The first byte's place.
  func write(_ numbers: [some BitwiseCopyable], at offset: Int) throws(StorageError) {
    let size = unsafe numbers.withUnsafeBytes { $0.count }
    var position = 0
    while position < size {
      let count = unsafe numbers.withUnsafeBytes { all in
        let part = unsafe UnsafeRawBufferPointer(rebasing: all[position...])
        return retried {
          unsafe pwrite(number, part.baseAddress, part.count, off_t(offset + position))
        }
      }
      guard count > 0 else { throw .errno("write", path) }
      position += count
    }
  }

  /// Fills numbers as they are in memory from a place in the file; the file must hold them.
  ///
  /// - Parameter offset: The first byte's place.
  func read(into numbers: inout [some BitwiseCopyable], at offset: Int) throws(StorageError) {
    let size = unsafe numbers.withUnsafeBytes { $0.count }
    var position = 0
    while position < size {
      let count = unsafe numbers.withUnsafeMutableBytes { all in
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: all[position...])
        return retried {
          unsafe pread(number, part.baseAddress, part.count, off_t(offset + position))
        }
      }
      guard count != 0 else {
        throw .system(operation: "read", path: path, reason: "the file ends too early")
      }
      guard count > 0 else { throw .errno("read", path) }
      position += count
    }
  }

  /// Waits until the file's content, or the folder's entries, are on the disk.
  func synchronize() throws(StorageError) {
    guard retried({ fsync(number) }) == 0 else {
      // Some file systems cannot do this for folders, and say so.
      if errno == EINVAL || errno == ENOTSUP { return }
      throw .errno("write", path)
    }
  }
}

/// Repeats a call that a signal interrupted.
func retried<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

extension StorageError {
  /// The error that the last system call left.
  static func errno(_ operation: String, _ path: String) -> StorageError {
    let code = systemErrno
    if path.isEmpty { return .emptyPath(operation: operation) }
    if code == ENOENT || code == ENOTDIR { return .notFound(path: path) }
    let reason = unsafe String(cString: strerror(code))
    return .system(operation: operation, path: path, reason: reason)
  }
}

// The system's functions under names that methods above do not hide.

private var systemErrno: Int32 { errno }

private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(file, buffer, count)
}

private func systemWrite(_ file: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(file, buffer, count)
}
