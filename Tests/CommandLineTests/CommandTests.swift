import Foundation
import Storage
import Testing

@Suite struct CommandTests {
  @Test func `run ends with a report, scores and a champion, and again changes nothing`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let first = try Tool.run(["run", "run.yaml"], in: workspace.path)
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.output.contains("model     out/registry/small@champion"))
    #expect(first.output.contains("report    out/runs/small-"))
    #expect(first.output.contains("cpu_saturation"))
    let files = workspace.files(under: "out")
    let contents = try files.map { try workspace.read("out/\($0)") }
    let second = try Tool.run(["run", "run.yaml"], in: workspace.path)
    #expect(second.code == 0)
    #expect(second.output.contains("already published"))
    #expect(workspace.files(under: "out") == files)
    #expect(try files.map { try workspace.read("out/\($0)") } == contents)
  }

  @Test func `runs in different folders and with different threads make one artifact`() throws {
    let manifests = try ["1", "2", "5"].map { threads in
      let workspace = try Workspace()
      try workspace.makeSystem()
      let result = try Tool.run(
        ["run", "run.yaml", "--out", "results-\(threads)", "--threads", threads, "-q"],
        in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
      return try workspace.read("results-\(threads)/registry/small/1/manifest.json")
    }
    // A manifest's bytes are those of all files.
    #expect(Set(manifests).count == 1)
  }

  @Test func `one and two threads give the same files`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    for threads in ["1", "2"] {
      let result = try Tool.run(
        ["run", "run.yaml", "--out", "out\(threads)", "--threads", threads], in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
    }
    let files = workspace.files(under: "out1")
    #expect(files.count > 10)
    #expect(workspace.files(under: "out2") == files)
    for file in files {
      #expect(try workspace.read("out1/\(file)") == workspace.read("out2/\(file)"), "\(file)")
    }
  }

  @Test func `features explains every feature it lists, and guesses at a name it does not know`()
    throws
  {
    let workspace = try Workspace()
    let list = try Tool.run(["features", "list"], in: workspace.path)
    #expect(list.code == 0)
    let names = list.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    #expect(names.contains("quantile_95"))
    for name in names.prefix(3) {
      let found = try Tool.run(["features", "explain", String(name)], in: workspace.path)
      #expect(found.code == 0)
      #expect(found.output.contains("formula"))
    }
    let wrong = try Tool.run(["features", "explain", "quantil_95"], in: workspace.path)
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("no feature 'quantil_95' (did you mean 'quantile_95'?)"))
  }

  @Test func `the stages one by one give what run gives`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    func succeed(_ arguments: String...) throws -> String {
      let result = try Tool.run(arguments, in: workspace.path)
      #expect(result.code == 0, "\(arguments): \(result.errors)")
      return result.output
    }
    _ = try succeed("run", "run.yaml", "-q")
    let ingested = try succeed("ingest", "run.yaml", "--out", "data", "--output", "json")
    let document = JSONDocument(
      try JSONValue(parsing: Array(ingested.utf8), source: "ingest"), source: "ingest")
    let dataset = try document["path"].string
    _ = try succeed(
      "features", "--dataset", dataset, "--configuration", "run.yaml", "--out", "f.h5")
    _ = try succeed(
      "features", "compute", "--dataset", dataset, "--model", "out/registry/small@champion",
      "--out", "g.h5")
    #expect(try workspace.read("f.h5") == workspace.read("g.h5"))
    _ = try succeed("train", "run.yaml", "--dataset", dataset, "--out", "candidate")
    _ = try succeed("evaluate", "--model", "candidate", "--dataset", dataset, "--out", "results")
    _ = try succeed(
      "publish", "--model", "candidate", "--evaluation", "results/evaluation.json", "--registry",
      "registry")
    let version = workspace.files(under: "out/registry/small/1")
    #expect(workspace.files(under: "registry/small/1") == version)
    for file in version {
      #expect(
        try workspace.read("registry/small/1/\(file)")
          == workspace.read("out/registry/small/1/\(file)"), "\(file)")
    }
    #expect(workspace.exists("f.h5"))
  }

  @Test func `score gives the scores of the evaluation byte for byte, from snapshot and export`()
    throws
  {
    let workspace = try Workspace()
    try workspace.makeSystem()
    _ = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    let snapshot = try #require(workspace.files(under: "out/datasets").first)
    let run = try #require(workspace.files(under: "out/runs").first { $0.hasSuffix("scores.csv") })
    let expected = try workspace.read("out/runs/\(run)")
    for input in [["--input", "out/datasets/\(snapshot)"], ["--csv", "metrics.csv"]] {
      let result = try Tool.run(
        ["score", "--model", "out/registry/small@champion", "--out", "scores.csv"] + input,
        in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try workspace.read("scores.csv") == expected)
    }
    let plain = try Tool.run(
      ["score", "--model", "out/registry/small@1", "--csv", "metrics.csv"], in: workspace.path)
    #expect(Data(plain.output.utf8) == expected)
  }

  @Test func `score reads exports as the training data was read`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    // Totals under a name that does not say so, and services named by another label.
    let rows = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    var csv = "time,requests{team=\"cart\"},cpu{team=\"cart\"},requests{team=\"pay\"}\n"
    var totals = [0.0, 0.0]
    for row in rows {
      totals[0] += try #require(Double(row[1]))
      totals[1] += try #require(Double(row[3]))
      csv += "\(row[0]),\(totals[0]),\(row[2]),\(totals[1])\n"
    }
    try workspace.write("metrics.csv", csv)
    try workspace.write(
      "run.yaml",
      Workspace.configuration.replacing(
        "  interval: 5m",
        with: "  interval: 5m\n  kinds: {requests: counter}\n"
          + "  service_labels: [team]"))
    let run = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    #expect(run.code == 0, "\(run.errors)")
    let scores = try #require(
      workspace.files(under: "out/runs").first { $0.hasSuffix("scores.csv") })
    let expected = try workspace.read("out/runs/\(scores)")
    let result = try Tool.run(
      ["score", "--model", "out/registry/small@champion", "--csv", "metrics.csv"],
      in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.isEmpty)
    #expect(Data(result.output.utf8) == expected)
  }

  @Test func `score reads a long CSV as it reads a wide one`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    _ = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    let wide = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",") }
    var long = "time,service,metric,value\n"
    for row in wide.dropFirst() {
      long += "\(row[0]),cart,requests,\(row[1])\n\(row[0]),cart,cpu,\(row[2])\n"
      long += "\(row[0]),pay,requests,\(row[3])\n"
    }
    try workspace.write("long.csv", long)
    let outputs = try ["metrics.csv", "long.csv"].map { file in
      let result = try Tool.run(
        ["score", "--model", "out/registry/small@champion", "--csv", file], in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.isEmpty)
      return result.output
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test func `a metric more changes no score, a metric less is named and costs only itself`() throws
  {
    let workspace = try Workspace()
    try workspace.makeSystem()
    _ = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    func score() throws -> ToolResult {
      try Tool.run(
        ["score", "--model", "out/registry/small@champion", "--csv", "metrics.csv"],
        in: workspace.path)
    }
    let usual = try score()
    var rows = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let original = rows
    rows =
      [original[0] + #","requests{service=""cart"",path=""/new""}""#]
      + original.dropFirst().map { $0 + ",7" }
    try workspace.write("metrics.csv", rows.joined(separator: "\n"))
    let more = try score()
    #expect(more.code == 0, "\(more.errors)")
    #expect(more.output == usual.output)

    rows = original.map { row in
      var fields = row.split(separator: ",")
      fields.remove(at: 2)
      return fields.joined(separator: ",")
    }
    try workspace.write("metrics.csv", rows.joined(separator: "\n"))
    let less = try score()
    #expect(less.code == 0, "\(less.errors)")
    #expect(less.errors.contains("cart/cpu"))
    func lines(_ output: String, of service: String) -> [Substring] {
      output.split(separator: "\n").filter { $0.contains(",\(service),") }
    }
    #expect(!lines(usual.output, of: "pay").isEmpty)
    #expect(lines(less.output, of: "pay") == lines(usual.output, of: "pay"))
    #expect(!lines(less.output, of: "cart").isEmpty)
  }

  @Test func `simulate writes the same exports for the same seed and others for another`() throws {
    let workspace = try Workspace()
    for (folder, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
      let result = try Tool.run(
        ["simulate", "--out", folder, "--seed", seed, "--days", "14", "--interval", "15m"],
        in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
    }
    for file in ["metrics.json.gz", "logs.jsonl.gz", "incidents.csv"] {
      #expect(try workspace.read("a/\(file)") == workspace.read("b/\(file)"))
      #expect(try workspace.read("a/\(file)") != workspace.read("c/\(file)"))
    }
  }

  @Test(arguments: [
    [], ["run"], ["ingest"], ["features"], ["train"], ["evaluate"], ["publish"], ["score"],
    ["simulate"],
  ])
  func `every command has a help text`(command: [String]) throws {
    let workspace = try Workspace()
    let result = try Tool.run(command + ["--help"], in: workspace.path)
    #expect(result.code == 0)
    #expect(result.output.contains("OVERVIEW:"))
    #expect(result.errors.isEmpty)
  }
}
