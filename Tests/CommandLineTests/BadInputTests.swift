import Foundation
import Storage
import Testing

/// One way to go wrong: what is broken, how the tool is called, and what it must say.
struct BadInput: Sendable, CustomTestStringConvertible {
  var name: String
  var arguments = ["run", "run.yaml"]
  var code: Int32 = 4
  var message: [String]
  var prepare: @Sendable (Workspace) throws -> Void = { _ in }
  var testDescription: String { name }
}

private func replace(_ old: String, with new: String) -> @Sendable (Workspace) throws -> Void {
  { try $0.write("run.yaml", Workspace.configuration.replacing(old, with: new)) }
}

private let csvSource = "{type: csv, path: metrics.csv}"

private let badInputs: [BadInput] = [
  BadInput(
    name: "a missing configuration", arguments: ["run", "none.yaml"],
    message: ["none.yaml: no such file"]),
  BadInput(
    name: "a missing export", message: ["absent.csv: no such file"],
    prepare: replace("metrics.csv", with: "absent.csv")),
  BadInput(
    name: "an unknown key", message: ["run.yaml:12: unknown key 'evalution'"],
    prepare: replace("evaluation:", with: "evalution:")),
  BadInput(
    name: "a truncated gzip", message: ["metrics.json.gz", "gzip"],
    prepare: { workspace in
      let gzip = Gzip.compress(
        Array(repeating: "{\"data\":{}}", count: 500).joined().utf8.map { $0 })
      try workspace.write("metrics.json.gz", Data(gzip.prefix(gzip.count / 2)))
      try replace(csvSource, with: "{type: prometheus, path: metrics.json.gz}")(workspace)
    }),
  BadInput(
    name: "invalid JSON", message: ["metrics.json: invalid JSON at byte 39"],
    prepare: { workspace in
      try workspace.write("metrics.json", "{\"status\":\"success\",\"data\":{\"result\":[{]}}")
      try replace(csvSource, with: "{type: prometheus, path: metrics.json}")(workspace)
    }),
  BadInput(
    name: "a CSV with a wrong header", message: ["metrics.csv", "time"],
    prepare: { try $0.write("metrics.csv", "when,cpu\n1,2\n") }),
  BadInput(
    name: "a quote that is never closed",
    message: ["metrics.csv:500: a quote opened in the record that begins here is never closed"],
    prepare: { workspace in
      var lines = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
        .split(separator: "\n")
      lines[499] = "\"" + lines[499]
      try workspace.write("metrics.csv", lines.joined(separator: "\n"))
    }),
  BadInput(
    name: "nothing to train on",
    message: ["none of 2 services has a usable training cell"],
    prepare: {
      try $0.write(
        "incidents.csv",
        "id,service,kind,start,detected,resolved\n"
          + "A,,x,2025-12-31T00:00:00Z,,2026-01-04T02:00:00Z\n")
    }),
  BadInput(
    name: "incidents outside the data",
    message: ["no overlap between incidents and data", "2030-01-01"],
    prepare: {
      try $0.write(
        "incidents.csv",
        "id,service,kind,start,detected,resolved\n"
          + "A,cart,x,2030-01-01T00:00:00Z,,2030-01-02T00:00:00Z\n"
      )
    }),
  BadInput(
    name: "an incident that ends before it starts", message: ["incidents.csv", "2"],
    prepare: {
      try $0.write(
        "incidents.csv",
        "id,service,kind,start,detected,resolved\n"
          + "A,cart,x,2026-01-03T00:00:00Z,,2026-01-02T00:00:00Z\n"
      )
    }),
  BadInput(
    name: "an empty training window", message: ["evaluation.split: train holds no cell"],
    prepare: replace(
      "{fractions: {train: 0.5, calibration: 0.2}}",
      with: """
        {train: [{from: 2020-01-01T00:00:00Z, to: 2020-01-02T00:00:00Z}], \
        calibration: [{from: 2026-01-02T00:00:00Z, to: 2026-01-03T00:00:00Z}], \
        test: [{from: 2026-01-03T00:00:00Z, to: 2026-01-05T00:00:00Z}]}
        """)),
  BadInput(
    name: "a split said in two ways", message: ["run.yaml:12", "fractions", "test"],
    prepare: replace(
      "{fractions: {train: 0.5, calibration: 0.2}}",
      with: """
        {fractions: {train: 0.5, calibration: 0.2}, \
        test: [{from: 2026-01-03T00:00:00Z, to: 2026-01-05T00:00:00Z}]}
        """)),
  BadInput(
    name: "a name no registry takes", message: ["run.yaml:1:", "../small"],
    prepare: replace("name: small", with: "name: ../small")),
  BadInput(
    name: "a window the grid cannot hold", message: ["7m", "5m"],
    prepare: replace("[30m, 2h]", with: "[7m]")),
  BadInput(
    name: "incidents given twice for nothing",
    arguments: [
      "score", "--model", "m", "--csv", "metrics.csv", "--incidents", "incidents.csv",
    ], code: 64, message: ["leave --incidents out"]),
  BadInput(
    name: "an interval for a snapshot",
    arguments: [
      "score", "--model", "m", "--input", "metrics.csv", "--interval", "1m",
    ], code: 64, message: ["--interval goes with exports"]),
  BadInput(
    name: "an output over its input",
    arguments: [
      "score", "--model", "m", "--csv", "metrics.csv", "--out", "./metrics.csv",
    ], message: ["metrics.csv: is both input and output"]),
  BadInput(
    name: "an unknown command", arguments: ["rnu"], code: 64, message: ["rnu"]),
  BadInput(
    name: "no threads", arguments: ["run", "run.yaml", "--threads", "0"], code: 64,
    message: ["--threads must be from 1 to 1024"]),
  BadInput(
    name: "an unknown model",
    arguments: ["score", "--model", "out/registry/none@champion", "--csv", "metrics.csv"],
    message: ["out/registry: no registry here"]),
]

@Suite struct BadInputTests {
  @Test(arguments: badInputs)
  func `bad input gives one line, the documented code and no output`(_ bad: BadInput) throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try bad.prepare(workspace)
    let result = try Tool.run(bad.arguments, in: workspace.path)
    #expect(result.code == bad.code, "\(result.errors)")
    for part in bad.message { #expect(result.errors.contains(part), "\(result.errors)") }
    #expect(result.output.isEmpty)
    if bad.code != 64 {
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
      #expect(result.errors.hasPrefix("autopilot: error: "))
    }
    #expect(!workspace.exists("out"), "\(workspace.files(under: "out"))")
  }

  @Test(arguments: [
    "weights.safetensors", "features.json", "calibration.json", "detectors.json", "pipeline.json",
    "metrics.json", "manifest.json",
  ])
  func `a flipped bit in any file of a model is refused by name with code 5`(file: String) throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let path = "out/registry/small/1/\(file)"
    var bytes = try workspace.read(path)
    bytes[bytes.count / 2] ^= 1
    try workspace.write(path, bytes)
    let result = try Tool.run(
      [
        "score", "--model", "out/registry/small@champion", "--csv", "metrics.csv", "--out", "s.csv",
      ],
      in: workspace.path)
    #expect(result.code == 5, "\(result.errors)")
    #expect(result.errors.contains(file))
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(!workspace.exists("s.csv"))
  }

  @Test func `a damaged snapshot is refused with its name`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let name = try #require(workspace.files(under: "out/datasets").first)
    let bytes = try workspace.read("out/datasets/\(name)")
    try workspace.write("cut.h5", bytes.prefix(bytes.count / 2))
    let result = try Tool.run(
      ["score", "--model", "out/registry/small@champion", "--input", "cut.h5"], in: workspace.path)
    #expect([4, 5].contains(result.code), "\(result.errors)")
    #expect(result.errors.contains("cut.h5"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ["evaluate", "--model", "art", "--dataset", "DATASET", "--out", "art"],
    ["evaluate", "--model", "art", "--dataset", "DATASET", "--out", "out/registry/small/1"],
    ["features", "--model", "art", "--dataset", "DATASET", "--out", "art/weights.safetensors"],
    ["score", "--model", "art", "--csv", "metrics.csv", "--out", "art/weights.safetensors"],
    ["score", "--model", "art", "--csv", "metrics.csv", "--out", "out/registry/small/1/x/y.csv"],
    ["train", "run.yaml", "--dataset", "DATASET", "--out", "out/registry/small/1", "--replace"],
    ["train", "run.yaml", "--dataset", "DATASET", "--out", "out/registry/small/9"],
    ["simulate", "--out", "art", "--days", "14"],
    ["ingest", "run.yaml", "--out", "art"],
    ["run", "run.yaml", "--out", "art"],
  ])
  func `no command writes into a model's folder`(arguments: [String]) throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let dataset = "out/datasets/" + (try #require(workspace.files(under: "out/datasets").first))
    let trained = try Tool.run(
      ["train", "run.yaml", "--dataset", dataset, "--out", "art", "-q"], in: workspace.path)
    #expect(trained.code == 0, "\(trained.errors)")
    // Another seed, so that training would write something else.
    try workspace.write("run.yaml", Workspace.configuration.replacing("seed: 3", with: "seed: 4"))
    let before = try ["art", "out/registry"].map { folder in
      try workspace.files(under: folder).map { try workspace.read("\(folder)/\($0)") }
    }
    let result = try Tool.run(
      arguments.map { $0 == "DATASET" ? dataset : $0 } + ["-q"], in: workspace.path)
    #expect(result.code == 4, "\(result.errors)")
    #expect(result.errors.contains("choose another"))
    let after = try ["art", "out/registry"].map { folder in
      try workspace.files(under: folder).map { try workspace.read("\(folder)/\($0)") }
    }
    #expect(before == after)
  }

  @Test func `an evaluation of another model is not published with this one`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    for (name, seed) in [("a", "seed: 3"), ("b", "seed: 4")] {
      try workspace.write(
        "run.yaml", Workspace.configuration.replacing("seed: 3", with: seed))
      let result = try Tool.run(["run", "run.yaml", "-q", "--out", name], in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
    }
    let foreign = try #require(
      workspace.files(under: "b/runs").first { $0.hasSuffix("evaluation.json") })
    let result = try Tool.run(
      [
        "publish", "--model", "a/registry/small@1", "--evaluation", "b/runs/\(foreign)",
        "--registry", "new",
      ], in: workspace.path)
    #expect(result.code == 4, "\(result.errors)")
    #expect(result.errors.contains("evaluation.json: evaluates thresholds"))
    #expect(!workspace.exists("new"))
  }

  @Test func `one row far from the rest is named as what makes the grid empty`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let csv = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
    try workspace.write("metrics.csv", csv + "1798761600,1,1,1\n")
    let ingested = try Tool.run(["ingest", "run.yaml", "--out", "data", "-q"], in: workspace.path)
    #expect(ingested.code == 0, "\(ingested.errors)")
    #expect(
      ingested.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "cells hold nothing of any service; the sample at 2027-01-01T00:00:00Z of series"))
  }

  @Test func `rows that are skipped are counted by reason`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    var lines = String(decoding: try workspace.read("metrics.csv"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    lines[5] = lines[5].split(separator: ",")[0] + ",oops,1,1"
    try workspace.write("metrics.csv", lines.joined(separator: "\n") + "\n")
    let result = try Tool.run(["ingest", "run.yaml", "--output", "json"], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    let report = try JSONDocument(
      JSONValue(parsing: Array(result.output.utf8), source: "o"), source: "o")["report"]
    #expect(try report["skipped"].integer == 1)
    #expect(try report["defects"].elements[0]["example"].string.contains("6"))
  }
}
