internal import ArgumentParser
internal import Pipeline
internal import Registry
internal import Signing
internal import Storage

struct ArtifactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "artifact", abstract: "Verify a model's digests and signatures, and sign it.",
    subcommands: [VerifyArtifactCommand.self, SignArtifactCommand.self])
}

struct VerifyArtifactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a model, and who signed it.",
    discussion: """
      Ends with exit code 5 when a file is not what the manifest says, or when too few of the trusted \
      keys have signed. Without any key only digests are checked, which find damage and no forgery.
      """)

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: ArgumentHelp("A trusted public key; may be repeated.", valueName: "file"))
  var key: [String] = []

  @Option(
    help: ArgumentHelp(
      "YAML file with keys, required and names; AUTOPILOT_TRUST by default.", valueName: "file"))
  var policy: String?

  @Option(help: "How many of the keys must have signed, with --key.")
  var required = 1

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if !key.isEmpty, policy != nil { throw ValidationError("Give --key or --policy, not both.") }
    guard (1...16).contains(required) else {
      throw ValidationError("--required must be from 1 to 16, not \(required).")
    }
  }

  func run() async throws {
    let trust: TrustPolicy?
    if key.isEmpty {
      var options = TrustOptions()
      options.trust = policy
      trust = try options.policy()
    } else {
      trust = try TrustPolicy(
        keys: key.map { try VerificationKey(file: $0) }, required: required, source: "--key")
    }
    let loaded = try await ModelReference(parsing: model).load(from: modelStores(), trust: trust)
    let manifest = loaded.artifact.manifest
    let present = loaded.signatures.compactMap(\.keyIdentifier)
    let bytes = manifest.files.reduce(0) { $0 + $1.size }
    var text =
      "intact    \(manifest.name)  sha256:\(manifest.digest)  (\(manifest.files.count) files, "
      + "\(size(bytes)))\n"
    if trust == nil {
      text += "unchecked signatures: \(present.isEmpty ? "none there" : "\(present.count) there")\n"
    }
    for signer in loaded.signers { text += "signed by \(signer)\n" }
    common.print(
      text,
      json: [
        "name": .string(manifest.name), "digest": .string(manifest.digest),
        "files": .integer(manifest.files.count), "bytes": .integer(bytes),
        "trust_checked": .bool(trust != nil),
        "signers": .array(loaded.signers.map(JSONValue.string)),
        "signatures": .array(present.map(JSONValue.string)),
      ])
  }
}

struct SignArtifactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Add a signature to a model: a second signer's, or a new key's.",
    discussion: """
      Every byte is checked first. The artifact and its digest stay as they are. With --trust the \
      model must be signed as the policy asks for before ours is added.
      """)

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: ArgumentHelp("The private key.", valueName: "file"))
  var signKey: String

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let key = try SigningKey(file: signKey)
    let reference = try ModelReference(parsing: model)
    let loaded = try await reference.load(from: modelStores(), trust: trust.policy())
    let bundle = try SignatureFiles.sign(
      loaded.artifact, as: loaded.registered?.name, with: key)
    switch reference {
    case .registry(let root, _):
      guard let version = loaded.registered else { break }
      try await modelStores().open(root).addSignatures([bundle], to: version)
    case .directory(let directory):
      try loaded.artifact.write(to: directory, signatures: [bundle])
    }
    common.print(
      "signed    \(model)  by \(key.verificationKey.identifier)\n",
      json: [
        "model": .string(model), "digest": .string(loaded.artifact.digest),
        "signer": .string(key.verificationKey.identifier),
      ])
  }
}
