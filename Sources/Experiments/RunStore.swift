internal import Diagnostics
internal import Foundation
internal import GRDB
internal import Storage

/// The record of runs: one SQLite file that several processes may use at once.
///
/// A run is written in one transaction, so that a process killed at any moment leaves it whole or
/// not at all. The file is in write-ahead mode: readers and a writer do not wait for each other, and
/// writers wait up to ten seconds for each other. It must lie on a local file system.
public final class RunStore: Sendable {
  /// The file's usual name in an output folder.
  public static let fileName = "runs.sqlite"
  private static let patience = 10.0

  /// The file.
  public let path: String
  private let queue: DatabaseQueue

  /// The folder that the file lies in, which relative folders of results start from.
  public var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The file that a path means: itself, or the one of the usual name in a folder.
  public static func path(in place: String) -> String {
    guard FileSystem.item(at: place, followingLinks: true) == .folder else { return place }
    return place.hasSuffix("/") ? place + fileName : "\(place)/\(fileName)"
  }

  /// Opens a file that is there, and brings its layout up to date.
  ///
  /// - Throws: `ExperimentsError.noStore`, `.newerSchema` or `.database`.
  public convenience init(opening place: String) throws {
    let path = Self.path(in: place)
    guard FileSystem.item(at: path, followingLinks: true) == .file else {
      throw ExperimentsError.noStore(path: path)
    }
    try self.init(path: path)
  }

  /// Opens a file, which is made when it is not there, with the folder around it.
  ///
  /// - Throws: `ExperimentsError.newerSchema` or `.database`; `StorageError` for the folder.
  public convenience init(creatingIn folder: String) throws {
    try FileSystem.createDirectories(at: folder)
    try self.init(path: Self.path(in: folder))
  }

  private init(path: String) throws {
    self.path = path
    queue = try databaseErrors(path) {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(Self.patience)
      configuration.label = "runs"
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = Self.migrator
      guard try !queue.read(migrator.hasBeenSuperseded) else {
        throw ExperimentsError.newerSchema(path: path)
      }
      try migrate(queue, by: migrator)
      return queue
    }
  }

  /// Reads within one consistent view.
  func read<Value>(_ work: (Database) throws -> Value) throws -> Value {
    try databaseErrors(path) { try queue.read(work) }
  }

  /// Changes all of something or nothing.
  func write<Value>(_ work: (Database) throws -> Value) throws -> Value {
    try databaseErrors(path) { try queue.write(work) }
  }

  /// A folder as it is recorded: relative to the file's folder when it lies below, so that an output
  /// folder can move.
  func recorded(_ folder: String?) -> String? {
    guard let folder else { return nil }
    let root = self.folder
    if folder == root { return "." }
    if folder.hasPrefix("\(root)/") { return String(folder.dropFirst(root.count + 1)) }
    return folder.hasPrefix("/")
      ? folder : "\(FileManager.default.currentDirectoryPath)/\(folder)"
  }

  /// The place of a recorded folder.
  func located(_ recorded: String?) -> String? {
    guard let recorded else { return nil }
    if recorded == "." { return folder }
    return recorded.hasPrefix("/") ? recorded : "\(folder)/\(recorded)"
  }
}

/// Brings a file's layout up to date, also while others do the same: who comes second finds what it was to
/// make, and looks again what is left to do.
private func migrate(_ queue: DatabaseQueue, by migrator: DatabaseMigrator) throws {
  for _ in 0..<8 {
    do {
      return try migrator.migrate(queue)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
      continue
    }
  }
  try migrator.migrate(queue)
}

/// Does work with SQLite; its errors become ours.
private func databaseErrors<Value>(_ path: String, _ work: () throws -> Value) throws -> Value {
  do {
    return try work()
  } catch let error as DatabaseError {
    let kind: FailureKind =
      switch error.resultCode {
      case .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT:
        .integrity
      default: .environment
      }
    let reason = (error.message ?? "\(error.resultCode)").split(whereSeparator: \.isNewline)
      .joined(separator: " ")
    throw ExperimentsError.database(path: path, reason: reason, kind: kind)
  }
}
