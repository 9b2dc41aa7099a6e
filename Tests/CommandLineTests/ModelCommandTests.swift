import Foundation
import Storage
import Testing

@Suite struct ModelCommandTests {
  /// A workspace with a trained model in `out/registry/small`.
  private func trained(_ change: (String) -> String = { $0 }) throws -> Workspace {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write(
      "run.yaml",
      change(Workspace.configuration).replacing(
        "lstm: {hidden: 8, epochs: 5, smoothing: 3}", with: "lstm: {enabled: false}"))
    let result = try Tool.run(["run", "run.yaml", "--quiet"], in: workspace.path)
    try #require(result.code == 0, "\(result.errors)")
    return workspace
  }

  @Test func `inspect shows every service's forest, and draws a tree`() throws {
    let workspace = try trained()
    let reference = "out/registry/small@champion"
    let text = try Tool.run(["model", "inspect", reference], in: workspace.path)
    #expect(text.code == 0)
    #expect(text.output.contains("\ncart\n") && text.output.contains("\npay\n"))
    #expect(text.output.contains("trees    20 over 64 rows each"))
    let json = try Tool.run(
      ["model", "inspect", reference, "--output", "json"], in: workspace.path)
    let document = JSONDocument(
      try JSONValue(parsing: Array(json.output.utf8), source: "inspect"), source: "inspect")
    let forests = try document["forests"].elements
    #expect(try forests.map { try $0["service"].string } == ["cart", "pay"])
    #expect(try forests.allSatisfy { try $0["trees"].integer == 20 })
    let tree = try Tool.run(
      ["model", "inspect", reference, "--service", "cart", "--tree", "3"], in: workspace.path)
    #expect(tree.output.hasPrefix("cart, tree 3\n") && tree.output.contains(": 64 rows\n"))
  }

  @Test func `what there is not is an error that says what there is`() throws {
    let workspace = try trained()
    for (arguments, expected) in [
      (["--service", "card"], "no isolation forest of service 'card'; it has those of cart, pay"),
      (["--tree", "20"], "has no tree 20; trees are numbered from 0 to 19"),
    ] {
      let result = try Tool.run(
        ["model", "inspect", "out/registry/small@champion"] + arguments, in: workspace.path)
      #expect(result.code == 4)
      #expect(result.errors.contains(expected), "\(result.errors)")
    }
  }

  @Test func `forests are exported, one file a service, the same every time`() throws {
    let workspace = try trained()
    for folder in ["a", "b/c"] {
      let result = try Tool.run(
        ["model", "export", "out/registry/small@champion", "--format", "onnx", "--out", folder],
        in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
      #expect(workspace.files(under: folder) == ["cart.onnx", "pay.onnx"])
    }
    #expect(try workspace.read("a/cart.onnx") == workspace.read("b/c/cart.onnx"))
  }

  @Test func `a forest without a form in ONNX is refused`() throws {
    let workspace = try trained {
      $0.replacing("{trees: 20, subsample: 64}", with: "{trees: 20, extension_level: 1}")
    }
    let result = try Tool.run(
      ["model", "export", "out/registry/small@champion", "--out", "onnx"], in: workspace.path)
    #expect(result.code == 4)
    #expect(result.errors.contains("splits on several columns have no form in ONNX"))
    #expect(!workspace.exists("onnx"))
  }

  @Test func `LSTMs are exported in two formats, and weights are imported as they were exported`()
    throws
  {
    let workspace = try trained { $0.replacing("epochs: 5", with: "epochs: 2") }
    let reference = "out/registry/small@champion"
    for format in ["onnx", "safetensors"] {
      let result = try Tool.run(
        ["model", "export", reference, "--kind", "lstm", "--format", format, "--out", format],
        in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.hasPrefix("\(format)/cart-lstm.\(format)  cart"))
    }
    let weights = "safetensors/cart-lstm.safetensors"
    for (format, original) in [("safetensors", weights), ("onnx", nil)] {
      let result = try Tool.run(
        ["model", "import", weights, "--kind", "lstm", "--format", format, "--out", "back"],
        in: workspace.path)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.hasPrefix("layers 1, units 8, inputs "))
      if let original { #expect(try workspace.read("back") == workspace.read(original)) }
    }
    var bundle = try TensorBundle(
      safetensors: [UInt8](workspace.read(weights)), source: weights)
    bundle.tensors["head.bias"] = nil
    try FileSystem.writeFileAtomically(
      bundle.safetensors(), to: workspace.path + "/damaged.safetensors")
    let damaged = try Tool.run(
      ["model", "import", "damaged.safetensors", "--out", "damaged"], in: workspace.path)
    #expect(damaged.code == 4 && damaged.errors.contains("'head.bias' is missing"))
    #expect(!workspace.exists("damaged"))
  }

  @Test func `an LSTM that there is not, and a format that a forest has not, are errors`() throws {
    let workspace = try trained()
    for (arguments, code, expected) in [
      (["--kind", "lstm"], 4, "the model has no LSTM; enable models.lstm"),
      (["--format", "safetensors"], 64, "--format safetensors is for an LSTM"),
    ] {
      let result = try Tool.run(
        ["model", "export", "out/registry/small@champion", "--out", "files"] + arguments,
        in: workspace.path)
      #expect(result.code == code)
      #expect(result.errors.contains(expected), "\(result.errors)")
      #expect(!workspace.exists("files"))
    }
  }

  @Test func `score explains the cells that the forest finds`() throws {
    let workspace = try trained()
    let result = try Tool.run(
      [
        "score", "--model", "out/registry/small@champion", "--csv", "metrics.csv", "--out",
        "scores.csv", "--explain", "why.csv", "--causes", "2",
      ], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    let lines = String(decoding: try workspace.read("why.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(
      lines.first
        == "time,service,score,rank,feature,value,expected_from,expected_to,contribution")
    let rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows.allSatisfy { $0[3] == "1" || $0[3] == "2" })
    #expect(rows.allSatisfy { (Float($0[2]) ?? 0) >= 1 })
    // Exactly the cells whose score of the forest is at least 1.
    let scores = String(decoding: try workspace.read("scores.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let place = try #require(scores[0].firstIndex(of: "isolation_forest"))
    let found = scores.dropFirst().filter { (Float($0[place]) ?? 0) >= 1 }
    #expect(!found.isEmpty)
    #expect(Set(rows.map { [$0[0], $0[1]] }) == Set(found.map { [$0[0], $0[1]] }))
    // The incidents raise cpu of cart by 50.
    let incident = rows.filter { $0[0] == "2026-01-04T03:20:00Z" && $0[1] == "cart" }
    #expect(incident.first?[4].contains("cpu") == true)
    // The same in words, on standard error.
    #expect(result.errors.contains("cells explained, the strongest:\n  2026-01-"))
    #expect(result.errors.split(separator: "\n").count { $0.hasPrefix("  2026-01-") } == 3)
  }

  @Test func `explanations need a forest, a file of their own, and --explain`() throws {
    let workspace = try trained {
      $0.replacing("{trees: 20, subsample: 64}", with: "{enabled: false}")
    }
    try FileManager.default.createDirectory(
      atPath: workspace.path + "/folder", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: workspace.path + "/link", withDestinationPath: "folder")
    for (arguments, code, expected) in [
      (["--explain", "why.csv"], 4, "the model has no isolation forest"),
      (["--causes", "2"], 64, "give --explain FILE too"),
      (["--explain", "why.csv", "--causes", "0"], 64, "--causes must be from 1 to 1000"),
      (["--explain", "./why.csv", "--out", "why.csv"], 64, "name the same file"),
      (["--explain", "link/why.csv", "--out", "folder/why.csv"], 64, "name the same file"),
    ] {
      let result = try Tool.run(
        ["score", "--model", "out/registry/small@champion", "--csv", "metrics.csv"] + arguments,
        in: workspace.path)
      #expect(result.code == code, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(expected), "\(result.errors)")
      #expect(!workspace.exists("why.csv") && !workspace.exists("folder/why.csv"))
    }
  }

  @Test func `a threshold by its tail, and every kind of forest, run and score alike`() throws {
    for option in [
      "extension_level: 1", "split: pooled_gain", "missing: both", "missing: majority",
      "early_stopping: 0.01",
    ] {
      let workspace = try trained {
        $0.replacing("{trees: 20, subsample: 64}", with: "{trees: 30, subsample: 64, \(option)}")
          .replacing(
            "false_alarm_rate: 0.01",
            with: "false_alarm_rate: 0.01\n  threshold: {method: tail, start: 0.9}")
      }
      let run = try #require(
        workspace.files(under: "out/runs").first { $0.hasSuffix("scores.csv") })
      let result = try Tool.run(
        [
          "score", "--model", "out/registry/small@champion", "--csv", "metrics.csv", "--threads",
          "1",
        ], in: workspace.path)
      #expect(
        result.output == String(decoding: try workspace.read("out/runs/\(run)"), as: UTF8.self))
    }
  }
}
