import Foundation
import Testing

/// What a run of the tool left behind.
struct ToolResult {
  var code: Int32
  var output: String
  var errors: String
}

/// The built `autopilot`, run as its users run it.
enum Tool {
  /// The tool lies beside the test bundle.
  static let path: String = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    var folder = bundle
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("autopilot").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    return packageRoot.appendingPathComponent(".build/release/autopilot").path
  }()

  /// The repository's folder.
  static let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func process(_ arguments: [String], in folder: String) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    return process
  }

  /// Runs the tool to its end.
  static func run(_ arguments: [String], in folder: String) throws -> ToolResult {
    let process = process(arguments, in: folder)
    // Files, not pipes: nothing has to read while the tool writes.
    let capture = FileManager.default.temporaryDirectory
      .appendingPathComponent("tool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: capture, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: capture) }
    let (out, err) = (capture.appendingPathComponent("out"), capture.appendingPathComponent("err"))
    for file in [out, err] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    process.waitUntilExit()
    return ToolResult(
      code: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: err), as: UTF8.self))
  }
}

/// A folder that is removed with the value.
final class Workspace {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("autopilot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  func write(_ name: String, _ data: Data) throws {
    try data.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Relative paths of all files, hidden ones too, ascending; without the record of runs, which
  /// holds times.
  func files(under folder: String) -> [String] {
    let root = URL(fileURLWithPath: "\(path)/\(folder)")
    guard let found = FileManager.default.enumerator(atPath: root.path) else { return [] }
    return found.compactMap { $0 as? String }.filter { name in
      if name.split(separator: "/").last?.hasPrefix("runs.sqlite") == true { return false }
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: root.appendingPathComponent(name).path)
      return attributes?[.type] as? FileAttributeType == .typeRegular
    }.sorted()
  }

  func remove(_ name: String) throws {
    guard exists(name) else { return }
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

extension Workspace {
  /// A small system: a wide CSV of two services, incidents, and a configuration that trains fast.
  func makeSystem() throws {
    var csv = "time,requests{service=\"cart\"},cpu{service=\"cart\"},requests{service=\"pay\"}\n"
    var state: UInt64 = 9
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    for row in 0..<1000 {
      let unwell = (300..<310).contains(row) || (900..<912).contains(row)
      let wave = abs(Double(row % 288) / 144 - 1) * 20
      csv +=
        "\(1_767_225_600 + row * 300),\(30 + wave + noise()),"
        + "\(wave / 2 + noise() + (unwell ? 50 : 0)),\(5 + noise())\n"
    }
    try write("metrics.csv", csv)
    try write(
      "incidents.csv",
      """
      id,service,kind,start,detected,resolved
      A,cart,cpu_saturation,2026-01-02T01:00:00Z,,2026-01-02T01:50:00Z
      B,cart,cpu_saturation,2026-01-04T03:00:00Z,,2026-01-04T04:00:00Z

      """)
    try write("run.yaml", Workspace.configuration)
  }

  static let configuration = """
    name: small
    seed: 3
    reader:
      interval: 5m
      sources: [{type: csv, path: metrics.csv}]
      incidents: [{path: incidents.csv}]
    features: {windows: [30m, 2h]}
    models:
      isolation_forest: {trees: 20, subsample: 64}
      lstm: {hidden: 8, epochs: 5, smoothing: 3}
      false_alarm_rate: 0.01
    evaluation: {split: {fractions: {train: 0.5, calibration: 0.2}}, tolerance_after: 5m}

    """
}
