import Foundation
import Storage
import Testing

@Suite struct ReportCommandTests {
  /// A workspace with a finished run, and the run's folder.
  private func finished() throws -> (workspace: Workspace, run: String) {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let result = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    try #require(result.code == 0, "\(result.errors)")
    let file = try #require(workspace.files(under: "out/runs").first)
    return (workspace, "out/runs/\(file.split(separator: "/")[0])")
  }

  @Test func `a run leaves its report in HTML, Markdown and JSON`() throws {
    let (workspace, run) = try finished()
    #expect(
      workspace.files(under: run) == [
        "detail.json", "evaluation.json", "ingest.json", "report.html", "report.md", "run.json",
        "scores.csv",
      ])
    let markdown = String(decoding: try workspace.read("\(run)/report.md"), as: UTF8.self)
    #expect(markdown.contains("| **ensemble** |"))
    #expect(markdown.contains("cpu"))
  }

  @Test func `explain lists incidents, and says why one was found`() throws {
    let (workspace, run) = try finished()
    let list = try Tool.run(["explain", run], in: workspace.path)
    #expect(list.code == 0, "\(list.errors)")
    #expect(list.output.contains("\nB "))
    let one = try Tool.run(["explain", run, "--incident", "B"], in: workspace.path)
    #expect(one.code == 0, "\(one.errors)")
    #expect(one.output.contains("What the detectors saw in cart"))
    #expect(one.output.contains("cpu"))
    let json = try Tool.run(
      ["explain", run, "--incident", "B", "--output", "json"], in: workspace.path)
    let document = JSONDocument(
      try JSONValue(parsing: Array(json.output.utf8), source: "explain"), source: "explain")
    #expect(try document["story"]["incident"].string == "B")
    let wrong = try Tool.run(["explain", run, "--incident", "Z"], in: workspace.path)
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("There is no incident 'Z' in the test time"))
    let nowhere = try Tool.run(["explain", "out/nothing"], in: workspace.path)
    #expect(nowhere.code == 4 || nowhere.code == 1)
    #expect(nowhere.errors.contains("out/nothing/detail.json"))
  }

  @Test func `explain quotes log lines as they were written`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    var lines = ""
    for row in 0..<1000 {
      let time = Date(timeIntervalSince1970: Double(1_767_225_600 + row * 300 - 60)).ISO8601Format()
      func add(_ message: String) {
        lines += """
          {"timestamp":"\(time)","labels":{"service":"cart"},"line":"\(message)"}

          """
      }
      add("level=info served order \(row) in 12 ms")
      if (900..<912).contains(row) { add("level=error queue \(row) is full") }
    }
    try workspace.write("logs.jsonl", lines)
    try workspace.write(
      "run.yaml",
      Workspace.configuration.replacing(
        "{type: csv, path: metrics.csv}",
        with: "{type: csv, path: metrics.csv}, {type: loki, path: logs.jsonl}"))
    let result = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    try #require(result.code == 0, "\(result.errors)")
    let file = try #require(workspace.files(under: "out/runs").first)
    let run = "out/runs/\(file.split(separator: "/")[0])"
    let explained = try Tool.run(
      ["explain", run, "--incident", "B", "--configuration", "run.yaml", "--lines", "2"],
      in: workspace.path)
    #expect(explained.code == 0, "\(explained.errors)")
    #expect(explained.output.contains("is full  (never in training)"))
    #expect(explained.output.contains("level=error queue 90"))
    #expect(!explained.output.contains("queue 910 is full"))
  }

  @Test func `a notebook is written beside the run and needs it whole`() throws {
    let (workspace, run) = try finished()
    let result = try Tool.run(
      ["notebook", "export", run, "--out", "books/small.ipynb"], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    let document = JSONDocument(
      try JSONValue(
        parsing: Array(try workspace.read("books/small.ipynb")), source: "small.ipynb"),
      source: "small.ipynb")
    #expect(try document["nbformat"].integer == 4)
    let sources = try document["cells"].elements.map {
      try $0["source"].elements.map { try $0.string }.joined()
    }
    #expect(sources.contains { $0.contains("RUN = pathlib.Path(\"../\(run)\")") })
    #expect(sources.contains { $0.contains("DATASET = pathlib.Path(\"../out/datasets/sha256-") })
    #expect(sources.contains { $0.contains("MODEL = pathlib.Path(\"../out/registry/small/1\")") })
    let whole = try workspace.read("\(run)/detail.json")
    try workspace.write("\(run)/detail.json", whole.prefix(whole.count / 2))
    let truncated = try Tool.run(
      ["notebook", "export", run, "--out", "books/cut.ipynb"], in: workspace.path)
    #expect(truncated.code == 4)
    #expect(truncated.errors.contains("detail.json: invalid JSON"))
    #expect(!workspace.exists("books/cut.ipynb"))
    try workspace.remove("\(run)/scores.csv")
    let broken = try Tool.run(
      ["notebook", "export", run, "--out", "books/other.ipynb"], in: workspace.path)
    #expect(broken.code != 0)
    #expect(broken.errors.contains("scores.csv"))
    #expect(!workspace.exists("books/other.ipynb"))
  }

  @Test func `a backtest refits along the time and writes its report`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let result = try Tool.run(
      [
        "backtest", "run.yaml", "--folds", "2", "--first", "0.6", "--embargo", "1h", "--out",
        "walk",
        "-q",
      ], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("FOLD"))
    #expect(workspace.files(under: "walk") == ["backtest.json", "report.html"])
    let wrong = try Tool.run(
      ["backtest", "run.yaml", "--embargo", "soon"], in: workspace.path)
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("--embargo must be a duration"))
    let tooShort = try Tool.run(
      ["backtest", "run.yaml", "--folds", "2", "--embargo", "40d", "-q"], in: workspace.path)
    #expect(tooShort.code == 4)
    #expect(tooShort.errors.contains("fold 1 holds no cell"))
  }
}
