import Foundation
import Testing

@Suite struct GateCommandTests {
  @Test func `a model beside itself passes, one whose sample was changed is refused with 5`() throws
  {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let dataset = "out/datasets/\(try #require(workspace.files(under: "out/datasets").first))"
    try workspace.write(
      "gate.yaml", "minimum_incidents: 1\nfloors: {recall: 0.5}\nslices: {minimum_incidents: 1}\n")
    let model = "out/registry/small@champion"
    let passed = try Tool.run(
      [
        "gate", "--candidate", model, "--baseline", model, "--dataset", dataset, "--policy",
        "gate.yaml", "--markdown", "gate.md", "--junit", "gate.xml", "-q",
      ], in: workspace.path)
    #expect(passed.code == 0, "\(passed.output)\(passed.errors)")
    #expect(passed.output.contains("✓ golden sample"))
    #expect(
      String(decoding: try workspace.read("gate.md"), as: UTF8.self).contains("Model gate: passed"))
    #expect(
      String(decoding: try workspace.read("gate.xml"), as: UTF8.self).contains("failures=\"0\""))

    // A single incident in the test is not enough for the default policy.
    let usual = try Tool.run(
      ["gate", "--candidate", model, "--dataset", dataset, "--annotations", "-q"],
      in: workspace.path)
    #expect(usual.code == 3)
    #expect(usual.errors.contains("::warning title=gate%3A incidents::"))

    #expect(
      try Tool.run(
        ["train", "run.yaml", "--dataset", dataset, "--out", "bare", "-q"], in: workspace.path
      ).code == 0)
    // A model of another's file is not what its manifest says.
    try workspace.write("bare/golden.safetensors", Data("other".utf8))
    let bare = try Tool.run(
      ["gate", "--candidate", "bare", "--dataset", dataset, "--policy", "gate.yaml", "-q"],
      in: workspace.path)
    #expect(bare.code == 5, "\(bare.output)")
    #expect(bare.errors.contains("golden.safetensors"))
    // Nor is an artifact's folder a registry that could be called intact.
    let verified = try Tool.run(["registry", "verify", "bare"], in: workspace.path)
    #expect(verified.code == 4)
    #expect(verified.errors.contains("autopilot artifact verify"))

    try workspace.write("wrong.yaml", "floors:\n  recal: 1\n")
    let wrong = try Tool.run(
      ["gate", "--candidate", model, "--dataset", dataset, "--policy", "wrong.yaml"],
      in: workspace.path)
    #expect(wrong.code == 4)
    #expect(wrong.errors.contains("wrong.yaml:2"))
  }
}
