import Foundation
import Storage
import Testing

@Suite struct RunsCommandTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.makeSystem()
  }

  private func run(_ arguments: String...) throws -> ToolResult {
    try Tool.run(arguments, in: workspace.path)
  }

  private func json(_ arguments: String...) throws -> JSONDocument {
    let result = try Tool.run(arguments + ["--output", "json"], in: workspace.path)
    #expect(result.code == 0, "\(arguments): \(result.errors)")
    return try JSONDocument(
      JSONValue(parsing: Array(result.output.utf8), source: "output"), source: "output")
  }

  /// Runs with a seed; the run's id.
  private func record(seed: Int, tree: Int = 20) throws -> String {
    try workspace.write(
      "run.yaml",
      Workspace.configuration.replacing("seed: 3", with: "seed: \(seed)")
        .replacing("trees: 20", with: "trees: \(tree)"))
    return try json("run", "run.yaml", "-q")["run"].string
  }

  @Test func `runs and evaluations are recorded with what made them`() throws {
    let id = try record(seed: 3)
    let listed = try json("runs", "list").elements
    #expect(try listed.map { try $0["id"].string } == [id])
    let shown = try json("runs", "show", id)
    #expect(try shown["kind"].string == "run" && shown["state"].string == "finished")
    #expect(try shown["configuration"].string == Workspace.configuration)
    #expect(try shown["environment"]["threads"].integer > 0)
    #expect(try shown["environment"]["executable_sha256"].string.count == 64)
    #expect(try shown["fit_seconds"].members.map(\.key).contains("lstm"))
    #expect(try shown["tags"].elements.isEmpty)
    // Every figure of every row is that of the evaluation.
    let folder = try shown["folder"].string
    let evaluation = try JSONDocument(
      JSONValue(parsing: Array(try workspace.read("\(folder)/evaluation.json")), source: "e"),
      source: "e")
    let rows = try evaluation["detectors"].elements
    let metrics = try shown["metrics"].elements
    for row in rows {
      let name = try row["name"].string
      let found = try metrics.first {
        try $0["detector"].string == name && $0["metric"].string == "recall"
      }
      #expect(try found?["value"].number == row["events"]["recall"].number, "\(name)")
    }
    let snapshot = try #require(workspace.files(under: "out/datasets").first)
    let evaluated = try run(
      "evaluate", "--model", "out/registry/small@1", "--dataset", "out/datasets/\(snapshot)",
      "--out", "results", "--runs", "out", "-q")
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let both = try json("runs", "list").elements
    #expect(try both.map { try $0["kind"].string } == ["evaluate", "run"])
    #expect(
      try both[0]["folder"].string.hasSuffix("/results")
        && both[0]["dataset"].string == both[1]["dataset"].string)
    let text = try run("runs", "show", id)
    #expect(text.output.contains("ensemble") && text.output.contains("machine   "))
  }

  @Test func `runs are tagged, filtered, sorted and set side by side`() throws {
    let ids = [try record(seed: 3), try record(seed: 4, tree: 40)]
    #expect(try run("runs", "tag", "add", ids[0], "good", "v1").code == 0)
    #expect(try json("runs", "list", "--tag", "good").elements.count == 1)
    #expect(try run("runs", "tag", "remove", ids[0], "v1").output.hasSuffix("good\n"))
    #expect(try json("runs", "list", "--name", "other").elements.isEmpty)
    #expect(try json("runs", "list", "--kind", "run", "--limit", "1").elements.count == 1)
    func values(_ reverse: String...) throws -> [Double] {
      let listed = try Tool.run(
        ["runs", "list", "--sort", "ensemble.vus_pr", "--output", "json"] + reverse,
        in: workspace.path)
      return try JSONDocument(
        JSONValue(parsing: Array(listed.output.utf8), source: "o"), source: "o"
      ).elements.map { run in
        try run["metrics"].elements.filter {
          try $0["detector"].string == "ensemble" && $0["metric"].string == "vus_pr"
        }[0]["value"].number
      }
    }
    #expect(try values() == values().sorted(by: >))
    #expect(try values("--reverse") == values().sorted())
    let compared = try json("runs", "compare", ids[0], ids[1])
    let settings = try compared["configuration"].members
    #expect(settings.map(\.key) == ["models.isolation_forest.trees", "seed"])
    #expect(try settings[0].value.elements.map { try $0.string } == ["20", "40"])
    #expect(try compared["metrics"]["vus_pr"].elements.count == 2)
    let unknown = try run("runs", "show", "nothing")
    #expect(unknown.code == 4 && unknown.errors.contains("no run 'nothing'"))
    let unsorted = try run("runs", "list", "--sort", "ensemble.vus")
    #expect(unsorted.code == 4 && unsorted.errors.contains("ensemble.vus_pr"))
    let absent = try run("runs", "list", "--in", "nowhere")
    #expect(absent.code == 4 && absent.errors.contains("no records of runs"))
  }

  @Test func `gc keeps what is tagged and what an alias points at`() throws {
    let ids = [try record(seed: 3), try record(seed: 4), try record(seed: 5)]
    _ = try run("runs", "tag", "add", ids[0], "keep")
    let folders = try ids.map { try json("runs", "show", $0)["folder"].string }
    let dry = try json("runs", "gc", "--keep", "0", "--files", "--dry-run")
    #expect(try dry["runs"].elements.map { try $0.string } == [ids[1]])
    #expect(try json("runs", "list").elements.count == 3)
    #expect(try json("runs", "gc", "--keep", "1").elements0("runs").isEmpty)
    #expect(try json("runs", "gc", "--older-than", "1h").elements0("runs").isEmpty)
    let removed = try run("runs", "gc", "--keep", "0", "--files")
    #expect(removed.code == 0, "\(removed.errors)")
    #expect(try json("runs", "list").elements.map { try $0["id"].string } == [ids[2], ids[0]])
    #expect(folders.map { workspace.exists($0) } == [true, false, true])
    #expect(try run("runs", "gc").code == 64)
  }

  @Test func `equal runs share a folder, which goes with the last of them`() throws {
    let ids = [try record(seed: 3), try record(seed: 3)]
    #expect(ids[0].dropLast() == ids[1].dropLast() && ids[0] != ids[1])
    let other = try record(seed: 4)
    let folder = try json("runs", "show", ids[0])["folder"].string
    #expect(try run("runs", "tag", "add", ids[0], "x").code == 0)
    #expect(try json("runs", "gc", "--keep", "0", "--files").elements0("runs").count == 1)
    #expect(workspace.exists("\(folder)/evaluation.json"))
    #expect(try json("runs", "list").elements.map { try $0["id"].string } == [other, ids[0]])
  }

  @Test func `two runs are compared with intervals, also when the second is a folder`() throws {
    let ids = [try record(seed: 3), try record(seed: 4)]
    let folder = try json("runs", "show", ids[1])["folder"].string
    for second in [ids[1], folder, "\(folder)/evaluation.json"] {
      let compared = try json("compare", ids[0], second)
      let metrics = try compared["detectors"].elements[0]["metrics"].elements
      #expect(try metrics[0]["metric"].string == "vus_pr")
      // One incident decides nothing.
      #expect(try metrics.allSatisfy { try $0["verdict"].string == "cannot_tell" })
    }
    let text = try run("compare", ids[0], ids[1])
    #expect(text.output.contains("cannot tell") && text.output.contains("fewer than five blocks"))
    try workspace.write(
      "run.yaml",
      Workspace.configuration.replacing("tolerance_after: 5m", with: "tolerance_after: 10m"))
    let other = try json("run", "run.yaml", "-q")["run"].string
    let refused = try run("compare", ids[0], other)
    #expect(refused.code == 4 && refused.errors.contains("cannot be compared: they count alarms"))
  }

  @Test func `a run that cannot be recorded has succeeded all the same`() throws {
    try FileManager.default.createDirectory(
      atPath: "\(workspace.path)/out", withIntermediateDirectories: true)
    try workspace.write("out/runs.sqlite", String(repeating: "no database ", count: 1000))
    let result = try run("run", "run.yaml", "-q")
    #expect(result.code == 0)
    #expect(result.errors.contains("warning: the run was not recorded"))
    #expect(result.output.contains("model     out/registry/small@champion"))
  }
}

extension JSONDocument {
  fileprivate func elements0(_ key: String) throws -> [JSONDocument] { try self[key].elements }
}
