import Companions
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file system of a few MiB, for a test to fill: in memory, in a mount namespace of its own, where
/// processes are put by `launcher`. Needs no rights but those that Linux usually gives to users.
final class TinyDisk {
  /// Why there can be none; nil where there can.
  static let obstacle: String? = {
    guard let unshare = program("unshare"), program("nsenter") != nil else {
      return "needs unshare and nsenter (util-linux)"
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: unshare)
    process.arguments = namespace + ["mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return "unshare cannot be run" }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : "this system lets users mount nothing"
  }()

  private static let namespace = ["--user", "--map-root-user", "--mount"]

  /// Where processes within see it.
  let path: String
  private let holder: Companion

  init(in folder: TestFolder, megabytes: Int = 4) async throws {
    path = "\(folder.path)/disk"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    holder = try Companion(
      program("unshare") ?? "unshare",
      Self.namespace + [
        "/bin/sh", "-c", "mount -t tmpfs -o size=\(megabytes)m tmpfs \"$0\" && exec sleep 1800",
        path,
      ])
    for _ in 0..<400 {
      let mounts = try? String(
        contentsOfFile: "/proc/\(holder.process.processIdentifier)/mounts", encoding: .utf8)
      if mounts?.contains(" \(path) tmpfs ") == true { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    throw ScorerFailure(description: "no file system was mounted")
  }

  /// What runs a program where the file system is.
  var launcher: [String] {
    [
      program("nsenter") ?? "nsenter", "--user", "--mount", "--preserve-credentials", "--target",
      "\(holder.process.processIdentifier)", "--",
    ]
  }

  /// Where the test sees a file of it.
  func outside(_ name: String) -> String {
    "/proc/\(holder.process.processIdentifier)/root\(path)/\(name)"
  }

  /// Leaves no room.
  func fill() throws {
    let file = unsafe open(outside("filler"), O_WRONLY | O_CREAT, 0o600)
    guard file >= 0 else { throw ScorerFailure(description: "filler: errno \(errno)") }
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while unsafe write(file, block, block.count) > 0 {}
    guard errno == ENOSPC else { throw ScorerFailure(description: "filler: errno \(errno)") }
  }

  /// Makes room again.
  func empty() throws { try FileManager.default.removeItem(atPath: outside("filler")) }
}
