import Foundation
import LinearAlgebra
import Testing

/// Saved reference data.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// Rows, and their scores from the last column.
  static func scored(_ file: String) throws -> (rows: Matrix, scores: [Float]) {
    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    let lines = try text.split(separator: "\n").map { line in
      try line.split(separator: ",").map { try #require(Float($0)) }
    }
    return (
      Matrix(
        rows: lines.count, columns: lines[0].count - 1, elements: lines.flatMap { $0.dropLast() }),
      lines.map { $0[$0.count - 1] }
    )
  }
}

/// Python programs that use other implementations.
enum Peer {
  static let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"]
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")

  /// Runs a script to its end and returns what it printed.
  static func run(_ script: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(python))
    process.arguments = ["-B", script.path] + arguments
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  /// Writes 32-bit floats as they lie in memory.
  static func write(_ values: [Float], to file: URL) throws {
    let bytes = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
    }
    try Data(bytes).write(to: file)
  }

  /// Reads them.
  static func floats(_ file: URL) throws -> [Float] {
    let bytes = [UInt8](try Data(contentsOf: file))
    return stride(from: 0, to: bytes.count, by: 4).map { place in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) })
    }
  }
}

/// A folder that is removed with the value.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "forest-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
