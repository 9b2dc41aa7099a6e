package import Foundation

/// Where a program lies on the search path; nil when it is not installed.
package func program(_ name: String) -> String? {
  let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  return folders.map { "\($0)/\(name)" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// The built `autopilot`, which lies beside the test bundle.
package let tool: String = {
  var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  while folder.path != "/" {
    let candidate = folder.appendingPathComponent("autopilot").path
    if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    folder.deleteLastPathComponent()
  }
  return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(".build/release/autopilot").path
}()

/// A program that runs beside the test and ends with the value.
package final class Companion: Sendable {
  package let process = Process()

  package init(
    _ path: String, _ arguments: [String], log: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    if let log {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      process.standardError = FileHandle(forWritingAtPath: log)
    } else {
      process.standardError = FileHandle.nullDevice
    }
    try process.run()
  }

  /// Waits without blocking the thread on which servers of the test run.
  package func finish() async throws -> Int32 {
    while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  deinit {
    guard process.isRunning else { return }
    process.terminate()
    // Servers wait for their clients to leave, and some of those live as long as the test does.
    for _ in 0..<40 where process.isRunning { usleep(50_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }
}

/// Runs a program to its end; its standard output and errors.
package func run(
  _ path: String, _ arguments: [String], environment: [String: String] = [:]
) async throws -> (code: Int32, output: String, errors: String) {
  let folder = try TestFolder()
  let (out, err) = ("\(folder.path)/out", "\(folder.path)/err")
  for file in [out, err] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle(forWritingAtPath: out)
  process.standardError = FileHandle(forWritingAtPath: err)
  try process.run()
  while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
  return (
    process.terminationReason == .exit ? process.terminationStatus : -1,
    try String(contentsOfFile: out, encoding: .utf8),
    try String(contentsOfFile: err, encoding: .utf8)
  )
}
