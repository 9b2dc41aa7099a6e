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

  @Test func `a candidate that nobody signed whom the policy names is refused with 5`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    for key in ["signer", "stranger"] {
      #expect(
        try Tool.run(["key", "generate", "--out", key, "-q"], in: workspace.path).code == 0)
    }
    try workspace.write(
      "signed.yaml", Workspace.configuration + "registry: {sign_key: signer, expires_after: 30d}\n")
    #expect(try Tool.run(["run", "signed.yaml", "-q"], in: workspace.path).code == 0)
    #expect(
      try Tool.run(["run", "run.yaml", "--out", "plain", "-q"], in: workspace.path).code == 0)
    let dataset = "out/datasets/\(try #require(workspace.files(under: "out/datasets").first))"
    func gate(_ model: String, _ policy: String, _ more: String...) throws -> ToolResult {
      try workspace.write("gate.yaml", "minimum_incidents: 1\n\(policy)\n")
      return try Tool.run(
        ["gate", "--candidate", model, "--dataset", dataset, "--policy", "gate.yaml", "-q"] + more,
        in: workspace.path)
    }
    let (signed, plain) = ("out/registry/small@champion", "plain/registry/small@champion")
    let passed = try gate(signed, "signature: {keys: [signer.pub]}\nexpiry: 1d")
    #expect(passed.code == 0, "\(passed.output)\(passed.errors)")
    #expect(passed.output.contains("✓ signature") && passed.output.contains("✓ expiry"))
    let absent = try gate(plain, "signature: {keys: [signer.pub]}")
    #expect(absent.code == 5 && absent.output.contains("is not signed"), "\(absent.output)")
    let wrong = try gate(signed, "signature: {keys: [stranger.pub]}")
    #expect(wrong.code == 5 && wrong.output.contains("✗ signature"), "\(wrong.output)")
    // Required alone means those whom models are read with anyway; without them it means nothing.
    try workspace.write("trust.yaml", "keys: [signer.pub]\n")
    #expect(try gate(signed, "signature: required", "--trust", "trust.yaml").code == 0)
    let nobody = try gate(signed, "signature: required")
    #expect(nobody.code == 4 && nobody.errors.contains("not whose"), "\(nobody.errors)")
    let endless = try gate(plain, "expiry: 1d")
    #expect(endless.code == 4 && endless.output.contains("expires_after"), "\(endless.output)")
  }

  @Test func `an expired model is used with a warning, or refused where that is asked for`() throws
  {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write(
      "short.yaml", Workspace.configuration + "registry: {sign_key: signer, expires_after: 1h}\n")
    #expect(
      try Tool.run(["key", "generate", "--out", "signer", "-q"], in: workspace.path).code == 0)
    let run = try Tool.run(["run", "short.yaml", "-q"], in: workspace.path)
    #expect(run.code == 0, "\(run.errors)")
    let dataset = "out/datasets/\(try #require(workspace.files(under: "out/datasets").first))"
    func score(_ more: String...) throws -> ToolResult {
      try Tool.run(
        ["score", "--model", "out/registry/small@champion", "--input", dataset, "--out", "s.csv"]
          + more, in: workspace.path)
    }
    let warned = try score()
    #expect(warned.code == 0 && workspace.exists("s.csv"))
    #expect(
      warned.errors.contains("warning: out/registry/small@champion: expired at 2026-01-03T"),
      "\(warned.errors)")
    let refused = try score("--expired", "refuse")
    #expect(
      refused.code == 4 && refused.errors.contains("train or recalibrate"), "\(refused.errors)")
    // Whoever is trusted is trusted for as long as that file says.
    try workspace.write("trust.yaml", "keys: [signer.pub]\nexpired: refuse\n")
    #expect(try score("--trust", "trust.yaml").code == 4)
    #expect(try score("--trust", "trust.yaml", "--expired", "warn").code == 0)
    let shown = try Tool.run(
      ["registry", "show", "out/registry/small@champion"], in: workspace.path)
    #expect(shown.output.contains("expires   2026-01-03T"), "\(shown.output)")
    #expect(shown.output.contains("input     every 5m, 1h55m back: 2 metrics of cart\n"))
  }
}
