internal import Foundation
internal import Storage

/// A gzip file that grows by one member after the other, whose digest is known at its end.
struct MemberFile {
  private let path: String
  private let handle: FileHandle
  private var digest = SHA256Digest()
  private var bytes = 0

  /// - Throws: `StorageError.system` when the file cannot be created.
  init(creatingAt path: String) throws(StorageError) {
    self.path = path
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw .system(operation: "write", path: path, reason: "cannot create the file") }
    self.handle = handle
  }

  /// Appends a text as a member of its own; nothing for an empty text.
  mutating func append(_ text: String) throws(StorageError) {
    if !text.isEmpty { try write(Gzip.compress(Array(text.utf8))) }
  }

  /// Closes the file and returns its SHA-256 and its size. A file without any member would be no
  /// gzip; it gets an empty one.
  mutating func close() throws(StorageError) -> (sha256: String, bytes: Int) {
    if bytes == 0 { try write(Gzip.compress([])) }
    do {
      try handle.close()
    } catch {
      throw .system(operation: "write", path: path, reason: error.localizedDescription)
    }
    return (digest.hexadecimal, bytes)
  }

  private mutating func write(_ member: [UInt8]) throws(StorageError) {
    do {
      try handle.write(contentsOf: Data(member))
    } catch {
      throw .system(operation: "write", path: path, reason: error.localizedDescription)
    }
    digest.update(member)
    bytes += member.count
  }
}
