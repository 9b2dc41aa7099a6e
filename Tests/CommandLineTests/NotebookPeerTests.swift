import Foundation
import Testing

/// A Python that can execute notebooks and check JSON Schemas, if one is named.
private let notebookPython: String? = {
  guard let path = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"] else { return nil }
  let probe = Process()
  probe.executableURL = URL(fileURLWithPath: path)
  probe.arguments = ["-c", "import nbclient, ipykernel, matplotlib, h5py, safetensors, jsonschema"]
  probe.standardError = FileHandle.nullDevice
  guard (try? probe.run()) != nil else { return nil }
  probe.waitUntilExit()
  return probe.terminationStatus == 0 ? path : nil
}()

@Suite(
  .enabled(
    if: notebookPython != nil,
    "AUTOPILOT_PEERS_PYTHON names no Python with nbclient, ipykernel, matplotlib and jsonschema"))
struct NotebookPeerTests {
  private func python(_ script: String, _ arguments: String..., in folder: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(notebookPython))
    process.arguments =
      [
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
          .appendingPathComponent("Peers/\(script)").path
      ] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // The kernel chooses how figures are drawn.
    process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "MPLBACKEND" }
      .merging([
        "MPLCONFIGDIR": "\(folder)/matplotlib", "IPYTHONDIR": "\(folder)/ipython",
      ]) { $1 }
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func `an exported notebook runs to its end and comes to the report's figures`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let file = try #require(workspace.files(under: "out/runs").first)
    let run = "out/runs/\(file.split(separator: "/")[0])"
    #expect(
      try Tool.run(
        ["notebook", "export", run, "--out", "books/small.ipynb"], in: workspace.path
      ).code == 0)
    #expect(try python("run_notebook.py", "books/small.ipynb", in: workspace.path) == 0)
    let root = Tool.packageRoot.path
    #expect(
      try python(
        "check_schema.py", "\(root)/docs/schemas/evaluation.schema.json", "\(run)/evaluation.json",
        "\(root)/docs/schemas/manifest.schema.json", "out/registry/small/1/manifest.json",
        "\(root)/docs/schemas/detail.schema.json", "\(run)/detail.json", in: workspace.path) == 0)
  }
}
