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

  @Test(arguments: ["loki", "csv", "prometheus"])
  func `a single line of a gigabyte costs no more than the longest line that may be`(
    _ type: String
  ) throws {
    let workspace = try Workspace()
    let (begin, end) =
      switch type {
      case "loki": (Self.lokiLine(1) + #"{"line":""#, "\"}\n" + Self.lokiLine(2))
      case "csv": ("time,service,load\n1767225600,shop,1\n", "\n1767225660,shop,2\n")
      default: (#"[{"metric":{"__name__":""#, #""},"values":[]}]"#)
      }
    // Members of gzip follow one another, and one that is all the same is small.
    let mebibyte = Gzip.compress([UInt8](repeating: 0x61, count: 1 << 20))
    let bytes =
      Gzip.compress(Array(begin.utf8)) + repeatElement(mebibyte, count: 1024).joined()
      + Gzip.compress(Array(end.utf8))
    try Data(bytes).write(to: URL(fileURLWithPath: workspace.path + "/export.gz"))
    try workspace.write(
      "ingest.yaml",
      """
      name: large
      reader:
        interval: 1m
        memory: \(Self.budget)MiB
        sources: [{type: \(type), path: export.gz}]

      """)
    let result = try Tool.run(
      ["ingest", "ingest.yaml", "-q", "--output", "json", "--defect-budget", "100%"],
      in: workspace.path)
    if type == "prometheus" {
      #expect(result.code == 4)
      #expect(result.errors.contains("export.gz: invalid JSON at byte"))
      return
    }
    try #require(result.code == 0, "\(result.errors)")
    let document = JSONDocument(
      try JSONValue(parsing: Array(result.output.utf8), source: "output"), source: "output")
    let defects = try document["report"]["defects"].elements
    #expect(
      try defects.map { try $0["reason"].string } == [type == "loki" ? "long_line" : "long_record"])
    // A line of the most bytes, the window that holds it, and what both grew from.
    let line = 16
    #expect(try document["peak_memory_bytes"].integer >> 20 <= Self.base + Self.budget + 4 * line)
  }

  private static func lokiLine(_ minute: Int) -> String {
    #"{"labels":{"app":"shop"},"line":"in","timestamp":"2026-01-01T00:0\#(minute):00Z"}"# + "\n"
  }
}
