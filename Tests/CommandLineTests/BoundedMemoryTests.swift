import Foundation
import Storage
import Testing

/// How much memory ingest takes when the export is far larger than what it may use.
///
/// `AUTOPILOT_EXPORT_MIB` makes the export larger than its 40 MiB; what may be used stays the same.
@Suite struct BoundedMemoryTests {
  /// The reader's `memory`, in MiB.
  private static let budget = 8
  /// What the program needs beside it for itself, its libraries and one window of the file, in MiB.
  private static let base = 56

  /// Writes a table of 100 metrics of ten services of at least a size, and returns the number of
  /// its samples.
  private func makeExport(_ workspace: Workspace, mebibytes: Int) throws -> Int {
    try workspace.write("metrics.csv", "")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: workspace.path + "/metrics.csv"))
    defer { try? file.close() }
    var state: UInt64 = 11
    var text = "time"
    for column in 0..<100 { text += #","m\#(column){service=""s\#(column % 10)""}""# }
    text = text.replacing("m0{", with: "m0_total{") + "\n"
    var (row, written) = (0, 0)
    while written < mebibytes << 20 {
      text += "\(1_767_225_600 + 15 * row)"
      for _ in 0..<100 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += ",\(state >> 44).\(state >> 33 & 7)"
      }
      text += "\n"
      row += 1
      if text.utf8.count > 1 << 20 {
        try file.write(contentsOf: Data(text.utf8))
        written += text.utf8.count
        text = ""
      }
    }
    try file.write(contentsOf: Data(text.utf8))
    return row * 100
  }

  @Test func `ingest stays within the memory it may use, however large the export`() throws {
    let workspace = try Workspace()
    let size = ProcessInfo.processInfo.environment["AUTOPILOT_EXPORT_MIB"].flatMap(Int.init) ?? 40
    let samples = try makeExport(workspace, mebibytes: size)
    try workspace.write(
      "ingest.yaml",
      """
      name: large
      reader:
        interval: 1m
        memory: \(Self.budget)MiB
        sources: [{type: csv, path: metrics.csv}]

      """)
    let result = try Tool.run(
      ["ingest", "ingest.yaml", "-q", "--output", "json"], in: workspace.path)
    try #require(result.code == 0, "\(result.errors)")
    let answer = JSONDocument(
      try JSONValue(parsing: Array(result.output.utf8), source: "output"), source: "output")
    let peak = try answer["peak_memory_bytes"].integer >> 20
    #expect(try answer["report"]["samples"].integer == samples)
    #expect(peak > 0)
    // Samples may have `memory`, and columns at work two thirds of it.
    #expect(peak <= Self.budget + 2 * Self.budget / 3 + Self.base)
  }
}
