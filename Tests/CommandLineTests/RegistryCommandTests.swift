import Foundation
import Storage
import Testing

/// The life of a model in a registry, by the commands alone.
@Suite struct RegistryCommandTests {
  /// A workspace with artifacts `one` and `two`, trained with different seeds, and two keys.
  private func prepared() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let plain = Workspace.configuration.replacing(
      "lstm: {hidden: 8, epochs: 5, smoothing: 3}", with: "lstm: {enabled: false}")
    for (name, seed) in [("one", 3), ("two", 4)] {
      try workspace.write("\(name).yaml", plain.replacing("seed: 3", with: "seed: \(seed)"))
      let ingested = try tool(
        workspace, "run", "\(name).yaml", "--quiet", "--out", "\(name)-out")
      try #require(ingested.code == 0, "\(ingested.errors)")
      let pulled = try tool(
        workspace, "registry", "pull", "\(name)-out/registry/small@champion", "--out", name)
      try #require(pulled.code == 0, "\(pulled.errors)")
    }
    for key in ["release", "other"] {
      try #require(try tool(workspace, "key", "generate", "--out", key).code == 0)
    }
    try workspace.write("trust.yaml", "keys: [release.pub]\nnames: [small]\n")
    return workspace
  }

  private func tool(_ workspace: Workspace, _ arguments: String...) throws -> ToolResult {
    try Tool.run(arguments, in: workspace.path)
  }

  @Test func `versions are pushed, shown, promoted, compared, rolled back and collected`() throws {
    let workspace = try prepared()
    #expect(try tool(workspace, "registry", "push", "one", "reg", "--alias", "champion").code == 0)
    let two = try tool(workspace, "registry", "push", "two", "reg", "--output", "json")
    #expect(two.output.contains("\"reference\": \"reg/small@2\""))
    #expect(
      try tool(workspace, "registry", "list", "reg").output
        == "small  2 versions, newest 2  champion=1\n")
    let stale = try tool(workspace, "registry", "promote", "reg/small@2", "--expect", "2")
    #expect(stale.code == 1 && stale.errors.contains("is at version 1, expected version 2"))
    let moved = try tool(workspace, "registry", "promote", "reg/small@2", "--expect", "1")
    #expect(moved.output == "alias     reg/small@champion  1 → 2\n")
    let difference = try tool(workspace, "registry", "diff", "reg/small@1", "two")
    #expect(difference.output.contains("property  seed  3 → 4\n"))
    #expect(
      try tool(workspace, "registry", "rollback", "reg/small").output
        == "alias     reg/small@champion  2 → 1\n")
    let end = try tool(workspace, "registry", "rollback", "reg/small")
    #expect(end.code == 4 && end.errors.contains("choose a version with --to"))
    #expect(
      try tool(workspace, "registry", "show", "reg/small").output
        .contains("champion  1 → 2 → 1\n"))
    let copied = try tool(
      workspace, "registry", "copy", "reg/small@2", "elsewhere", "--alias", "champion")
    #expect(copied.code == 0 && copied.output.contains("elsewhere/small@1"))
    #expect(
      try tool(workspace, "registry", "gc", "reg", "--keep", "1").output == "nothing to remove\n")
    #expect(
      try tool(workspace, "registry", "verify", "reg").output == "intact    2 versions, 1 aliases\n"
    )
  }

  @Test func `a flipped bit ends every reading with exit code 5 and the file's name`() throws {
    let workspace = try prepared()
    _ = try tool(workspace, "registry", "push", "one", "reg", "--alias", "champion")
    var bytes = try workspace.read("reg/small/1/weights.safetensors")
    bytes[bytes.count / 2] ^= 1
    try workspace.write("reg/small/1/weights.safetensors", bytes)
    for arguments in [
      ["artifact", "verify", "reg/small@champion"], ["model", "inspect", "reg/small@champion"],
      ["registry", "pull", "reg/small@1", "--out", "x"],
      ["registry", "promote", "reg/small@1", "--alias", "challenger"],
      ["registry", "push", "one", "reg"],
    ] {
      let result = try Tool.run(arguments, in: workspace.path)
      #expect(result.code == 5, "\(arguments): \(result.errors)")
      #expect(result.errors.contains("reg/small/1/weights.safetensors: SHA-256"), "\(arguments)")
    }
    let verified = try tool(workspace, "registry", "verify", "reg")
    #expect(verified.code == 5)
    #expect(verified.output.contains("defect    small@1: reg/small/1/weights.safetensors"))
  }

  @Test func `a trust policy lets signed models through, and no others`() throws {
    let workspace = try prepared()
    let unsigned = try tool(
      workspace, "registry", "push", "one", "reg", "--trust", "trust.yaml")
    #expect(unsigned.code == 5 && unsigned.errors.contains("is not signed"))
    #expect(!workspace.exists("reg"))
    let stranger = try tool(
      workspace, "publish", "--model", "one", "--registry", "reg", "--trust", "trust.yaml",
      "--sign-key", "other")
    #expect(stranger.code == 5)
    let published = try tool(
      workspace, "publish", "--model", "one", "--registry", "reg", "--trust", "trust.yaml",
      "--sign-key", "release")
    #expect(published.code == 0, "\(published.errors)")
    _ = try tool(workspace, "registry", "push", "two", "reg", "--sign-key", "other")
    for (reference, code) in [("reg/small@1", 0), ("reg/small@2", 5)] as [(String, Int32)] {
      for arguments in [
        ["artifact", "verify", reference, "--key", "release.pub"],
        ["artifact", "verify", reference, "--policy", "trust.yaml"],
        ["model", "inspect", reference, "--trust", "trust.yaml"],
        ["score", "--model", reference, "--csv", "metrics.csv", "--trust", "trust.yaml"],
        ["registry", "promote", reference, "--trust", "trust.yaml"],
      ] {
        let result = try Tool.run(arguments, in: workspace.path)
        #expect(result.code == code, "\(arguments): \(result.errors)")
      }
    }
    // A second signer, and the first key on a version that lacked it.
    #expect(
      try tool(workspace, "artifact", "sign", "reg/small@2", "--sign-key", "release").code == 0)
    let both = try tool(
      workspace, "artifact", "verify", "reg/small@2", "--key", "release.pub", "--key", "other.pub",
      "--required", "2")
    #expect(both.code == 0 && both.output.contains("signed by"))
  }

  @Test func `a run signs what it publishes, or publishes nothing`() throws {
    let workspace = try prepared()
    let configuration = Workspace.configuration.replacing(
      "lstm: {hidden: 8, epochs: 5, smoothing: 3}", with: "lstm: {enabled: false}")
    try workspace.write(
      "signed.yaml",
      configuration
        + "registry: {path: signed, sign_key: release, trust: {keys: [release.pub]}}\n")
    let signed = try tool(workspace, "run", "signed.yaml", "--quiet")
    #expect(signed.code == 0, "\(signed.errors)")
    #expect(workspace.exists("signed/small/1/model.sig"))
    let verified = try tool(workspace, "registry", "verify", "signed", "--trust", "signed.yaml")
    #expect(verified.code == 0, "\(verified.errors)")
    try workspace.write(
      "refused.yaml",
      configuration + "registry: {path: refused, sign_key: other, trust: {keys: [release.pub]}}\n")
    #expect(try tool(workspace, "run", "refused.yaml", "--quiet").code == 5)
    #expect(!workspace.exists("refused/small"))
  }

  @Test(
    arguments: [
      (["registry", "list", "ftp://x"], 64, "registries are folders, s3://bucket/prefix"),
      (["registry", "gc", "reg", "--keep", "0"], 64, "--keep must be at least 1"),
      (["registry", "pull", "s3://models/shop", "--out", "x"], 64, "add @champion"),
      (["registry", "list", "nowhere"], 4, "no registry here"),
      (["key", "show", "nothing"], 4, "nothing"),
      (["artifact", "verify", "x", "--policy", "absent.yaml"], 4, "absent.yaml"),
    ] as [([String], Int32, String)])
  func `mistakes are one line with their exit code`(
    arguments: [String], code: Int32, message: String
  ) throws {
    let workspace = try Workspace()
    let result = try Tool.run(arguments, in: workspace.path)
    #expect(result.code == code, "\(result.errors)")
    #expect(result.errors.contains(message), "\(result.errors)")
  }

  @Test func `no command ever prints a private key`() throws {
    let workspace = try Workspace()
    var printed = ""
    for type in ["ecdsa-p256", "ed25519"] {
      for arguments in [
        ["key", "generate", "--type", type, "--out", type], ["key", "show", type],
        ["key", "show", type, "--output", "json"], ["key", "generate", "--out", type],
      ] {
        let result = try Tool.run(arguments, in: workspace.path)
        printed += result.output + result.errors
      }
      let secret = String(decoding: try workspace.read(type), as: UTF8.self)
      #expect(!printed.contains("PRIVATE KEY"))
      for line in secret.split(separator: "\n") where !line.hasPrefix("-----") {
        #expect(!printed.contains(line))
      }
    }
  }
}
