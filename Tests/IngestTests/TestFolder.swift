import Foundation
import Ingest
import Storage
import Telemetry

/// A folder of small files that is removed with the value that owns it.
final class TestFolder {
  let path = NSTemporaryDirectory() + "autopilot-ingest-" + UUID().uuidString

  init(_ files: [String: String] = [:]) throws {
    try FileSystem.createDirectories(at: path)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileSystem.removeTree(at: path) }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    if let slash = name.lastIndex(of: "/") {
      try FileSystem.createDirectories(at: "\(path)/\(name[..<slash])")
    }
    try FileSystem.writeFileAtomically(bytes, to: file)
    return file
  }
}

/// Ingests sources at one-minute steps; instants begin in 1969, so that tests can write small ones.
func ingest(
  _ sources: SourceConfiguration..., every interval: TimeSpan = .minutes(1),
  adjust: (inout IngestConfiguration) -> Void = { _ in }
) throws -> Dataset {
  var configuration = IngestConfiguration(interval: interval, sources: sources)
  configuration.limits.earliest = Timestamp(seconds: -86_400)
  adjust(&configuration)
  return try ingest(configuration)
}

/// A range answer with series of `(labels as JSON, [(seconds, value)])`.
func matrix(_ series: [(labels: String, samples: [(Double, String)])]) -> String {
  let result = series.map { labels, samples in
    let values = samples.map { "[\($0.0),\"\($0.1)\"]" }.joined(separator: ",")
    return "{\"metric\":\(labels),\"values\":[\(values)]}"
  }
  return
    #"{"status":"success","data":{"resultType":"matrix","result":[\#(result.joined(separator: ","))]}}"#
}

extension Dataset {
  /// The values of one column, [grid.count]; nil when there is no such column.
  func column(_ name: String, of service: String) -> [Double]? {
    guard let frame = services.first(where: { $0.service == service }),
      let index = frame.columns.firstIndex(where: { $0.name == name })
    else { return nil }
    return (0..<grid.count).map { frame.values[$0 * frame.columns.count + index] }
  }

  func columnNames(of service: String) -> [String] {
    services.first { $0.service == service }?.columns.map(\.name) ?? []
  }

  func defect(_ reason: String) -> IngestReport.Defect? {
    report.defects.first { $0.reason == reason }
  }
}

/// Equal numbers, NaN equal to NaN.
func same(_ a: [Double]?, _ b: [Double]) -> Bool {
  a.map { $0.count == b.count && zip($0, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN } }
    ?? false
}

/// Public datasets, where they are.
enum PublicData {
  static let root: String = {
    if let path = ProcessInfo.processInfo.environment["AUTOPILOT_DATASETS"] { return path }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return package.deletingLastPathComponent().path + "/shared/datasets"
  }()
  static func has(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(root)/\(folder)")
  }
  static let hint =
    "needs the public datasets; set AUTOPILOT_DATASETS to their folder, see their catalog"
}
