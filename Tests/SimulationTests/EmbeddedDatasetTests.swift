import Foundation
import Simulation
import Storage
import Telemetry
import Testing

/// The files in `datasets/embedded` are what this program writes today.
@Suite struct EmbeddedDatasetTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "datasets/embedded")

  @Test func `the committed metrics are those of the default configuration`() throws {
    #expect(try unpacked("metrics.json.gz") == ExportedShop.standard.get().export.metrics)
  }

  @Test func `the committed logs are those of the default configuration`() throws {
    #expect(try unpacked("logs.jsonl.gz") == ExportedShop.standard.get().export.logs)
  }

  @Test func `the committed incidents are those of the default configuration`() throws {
    let bytes = Array(try Data(contentsOf: Self.folder.appending(path: "incidents.csv")))
    #expect(try bytes == ExportedShop.standard.get().export.incidents)
  }

  @Test func `the folder stays under five megabytes`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.folder, includingPropertiesForKeys: [.fileSizeKey])
    let sizes = try files.map { try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0 }
    #expect(files.count >= 4)
    #expect(sizes.reduce(0, +) < 5_000_000)
  }

  @Test func `the table in the README names every incident`() throws {
    let text = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    for incident in try ExportedShop.standard.get().incidents {
      let service = incident.service ?? ""
      #expect(
        text.contains(
          "| \(incident.id) | \(service) | \(incident.kind) | \(incident.start) |"))
    }
  }

  /// The content of a gzip file.
  private func unpacked(_ name: String) throws -> [UInt8] {
    try FileSystem.readPossiblyCompressed(
      at: Self.folder.appending(path: name).path(), limit: 1 << 28
    ).bytes
  }
}
