import Foundation
import Storage
import Testing

/// A Python with h5py, numpy and safetensors, if one is named.
private let peerPython = python(with: "h5py, numpy, safetensors")
/// One with onnxruntime, too.
private let runtimePython = python(with: "numpy, onnx, onnxruntime, safetensors")

private func python(with modules: String) -> String? {
  guard let path = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"] else { return nil }
  let probe = Process()
  probe.executableURL = URL(fileURLWithPath: path)
  probe.arguments = ["-c", "import \(modules)"]
  probe.standardError = FileHandle.nullDevice
  guard (try? probe.run()) != nil else { return nil }
  probe.waitUntilExit()
  return probe.terminationStatus == 0 ? path : nil
}

/// What a script beside this file prints.
private func printed(_ python: String?, _ script: String, _ arguments: String...) throws -> Data {
  let reader = Process()
  reader.executableURL = URL(fileURLWithPath: try #require(python))
  reader.arguments =
    [
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Peers/\(script)").path
    ] + arguments
  let output = Pipe()
  reader.standardOutput = output
  try reader.run()
  let bytes = output.fileHandleForReading.readDataToEndOfFile()
  reader.waitUntilExit()
  #expect(reader.terminationStatus == 0)
  return bytes
}

@Suite(
  .enabled(
    if: peerPython != nil, "AUTOPILOT_PEERS_PYTHON names no Python with h5py and safetensors"))
struct PeerReaderTests {
  @Test func `h5py opens a run's snapshot and safetensors its weights`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let snapshot = try #require(workspace.files(under: "out/datasets").first)
    let bytes = try printed(
      peerPython, "read_results.py", "\(workspace.path)/out/datasets/\(snapshot)",
      "\(workspace.path)/out/registry/small/1/weights.safetensors")
    let seen = try JSONDocument(
      JSONValue(parsing: Array(bytes), source: "read_results.py"), source: "read_results.py")
    #expect(try seen["format"].string == "autopilotops-dataset")
    #expect(try seen["rows"].integer == 1000)
    #expect(try seen["incidents"].elements.map { try $0.string } == ["A", "B"])
    // The mean of 5 plus noise in [0, 1).
    let mean = try seen["services"]["pay"]["requests"].number
    #expect(mean > 5.4 && mean < 5.6)
    // PyTorch's layout: four gates of eight units, over two or one channels and the calendar.
    let shapes = try ["lstm.0.lstm.weight_ih_l0", "lstm.1.lstm.weight_ih_l0"].map {
      try seen["tensors"][$0].elements.map { try $0.integer }
    }
    #expect(shapes == [[32, 6], [32, 5]])
  }

  @Test(.enabled(if: runtimePython != nil, "needs a Python with onnxruntime"))
  func `onnxruntime scores the golden sample of a published model as we do`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let pulled = try Tool.run(
      ["registry", "pull", "out/registry/small@champion", "--out", "model"], in: workspace.path)
    #expect(pulled.code == 0, "\(pulled.errors)")
    let lines = try printed(runtimePython, "golden_scores.py", "\(workspace.path)/model")
      .split(separator: 0x0A)
    let seen = try lines.map {
      try JSONDocument(JSONValue(parsing: Array($0), source: "golden"), source: "golden")
    }
    #expect(try seen.map { try $0["service"].string } == ["cart", "pay"])
    for sample in seen {
      #expect(try sample["rows"].integer == 32)
      #expect(try sample["difference"].number <= 1e-5)
    }
  }
}
