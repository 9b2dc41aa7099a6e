import Foundation
import Storage
import Testing

@Suite struct RecalibrateCommandTests {
  @Test func `thresholds move, weights do not, and the result can be published`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let dataset = "out/datasets/\(try #require(workspace.files(under: "out/datasets").first))"
    let arguments = [
      "recalibrate", "--model", "out/registry/small@champion", "--dataset", dataset, "--from",
      "2026-01-02T18:00:00Z", "--to", "2026-01-03T12:00:00Z", "--out", "moved", "-q",
    ]
    let result = try Tool.run(arguments + ["--false-alarm-rate", "0.05"], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains(", as before"))
    #expect(
      try workspace.read("moved/weights.safetensors")
        == workspace.read("out/registry/small/1/weights.safetensors"))
    #expect(
      try workspace.read("moved/calibration.json")
        != workspace.read("out/registry/small/1/calibration.json"))
    let published = try Tool.run(
      ["publish", "--model", "moved", "--alias", "challenger"], in: workspace.path)
    #expect(published.code == 0, "\(published.errors)")
    #expect(workspace.exists("out/registry/small/2/manifest.json"))
    let outside = try Tool.run(
      arguments.map {
        $0 == "2026-01-03T12:00:00Z" ? "2027-01-03T12:00:00Z" : $0 == "moved" ? "other" : $0
      },
      in: workspace.path)
    #expect(outside.code == 4)
    #expect(outside.errors.contains("the time after calibration holds no cell"))
  }

  @Test func `verdicts become labels, and the next report shows the effect`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    // Somebody says that a quiet hour of the test time was an incident.
    try workspace.write(
      "verdicts.jsonl",
      """
      {"service":"cart","start":"2026-01-03T20:00:00Z","end":"2026-01-03T21:00:00Z","verdict":"incident","kind":"network","by":"ann"}
      {"service":"pay","start":"2026-01-03T05:00:00Z","end":"2026-01-03T06:00:00Z","verdict":"false_alarm"}

      """)
    let list = try Tool.run(["verdicts", "list", "verdicts.jsonl"], in: workspace.path)
    #expect(list.code == 0)
    #expect(list.output.contains("false_alarm"))
    let review = try Tool.run(
      ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", "--accept-all"],
      in: workspace.path)
    #expect(review.code == 0, "\(review.errors)")
    #expect(review.output.contains("2 of 2 reviewed: 1 added to incidents.csv"))
    let again = try Tool.run(["verdicts", "list", "verdicts.jsonl"], in: workspace.path)
    #expect(again.output.contains("no verdict waits"))
    let next = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    #expect(next.code == 0, "\(next.errors)")
    #expect(next.output.contains("of 2 incidents"))
    let wrong = try Tool.run(
      ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", "--accept", "V-1"],
      in: workspace.path)
    #expect(wrong.code == 64)
  }
}
