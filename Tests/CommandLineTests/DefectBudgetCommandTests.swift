import Foundation
import Testing

@Suite struct DefectBudgetCommandTests {
  /// A small system, every fifth of whose rows has no readable time.
  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let lines = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
      .split(separator: "\n")
    let damaged = lines.enumerated().map { index, line in
      index % 5 == 4 ? "never" + line.drop { $0 != "," } : String(line)
    }
    try workspace.write("metrics.csv", damaged.joined(separator: "\n") + "\n")
    return workspace
  }

  @Test func `a run that loses more than a tenth ends before anything is published`() throws {
    let workspace = try workspace()
    let result = try Tool.run(["run", "run.yaml"], in: workspace.path)
    #expect(result.code == 4)
    let lines = result.errors.split(separator: "\n")
    let text = String(lines.last ?? "")
    #expect(
      text.contains("defect budget allows (10%)") && text.contains("for bad_time, the first at"))
    #expect(
      text.contains("metrics.csv:5: 'never'") && text.contains("set the source's time_format"))
    #expect(text.contains("all reasons are in out/ingest.json"))
    #expect(workspace.files(under: "out").filter { !$0.hasPrefix(".") } == ["ingest.json"])
    let report = String(decoding: try workspace.read("out/ingest.json"), as: UTF8.self)
    #expect(report.contains("\"reason\": \"bad_time\""))
  }

  @Test func `ingest saves nothing beyond the budget, and does within another one`() throws {
    let workspace = try workspace()
    let ingest = ["ingest", "--csv", "metrics.csv", "--out", "data"]
    let refused = try Tool.run(ingest, in: workspace.path)
    #expect(refused.code == 4 && refused.errors.contains("data/ingest.json"))
    #expect(!workspace.files(under: "data").contains { $0.hasSuffix(".h5") })
    let other = try Tool.run(
      ingest + ["--defect-budget", "30%", "--defect-budget", "bad_number=0"], in: workspace.path)
    #expect(other.code == 0, "\(other.errors)")
    #expect(workspace.files(under: "data").contains { $0.hasSuffix(".h5") })
    let named = try Tool.run(ingest + ["--defect-budget", "bad_time=5"], in: workspace.path)
    #expect(named.code == 4 && named.errors.contains("defect budget allows (5)"))
    let wrong = try Tool.run(ingest + ["--defect-budget", "few"], in: workspace.path)
    #expect(wrong.code == 64 && wrong.errors.contains("'few'"))
  }
}
