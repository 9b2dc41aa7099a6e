internal import ArgumentParser
internal import Pipeline
internal import Registry
internal import Signing
internal import Storage

struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Fetch a version into a folder, with its signatures.",
    discussion: "The folder appears complete and checked, or not at all.")

  @Argument(help: "<registry>/<name>@<alias or version>.")
  var model: String

  @Option(help: "The folder to make.")
  var out: String

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    let (store, reference) = try registryAndReference(model)
    let loaded = try await store.load(reference, trust: trust.policy())
    try loaded.artifact.write(to: out, signatures: loaded.signatures)
    let version = loaded.registered?.version ?? 0
    common.print(
      "pulled    \(reference.name)@\(version)  sha256:\(loaded.artifact.digest.prefix(12))  "
        + "into \(out)\n",
      json: [
        "name": .string(reference.name), "version": .integer(version),
        "digest": .string(loaded.artifact.digest), "path": .string(out),
        "signers": .array(loaded.signers.map(JSONValue.string)),
      ])
  }
}

/// What `push` and `copy` share: where a version goes.
struct TargetOptions: ParsableArguments {
  @Option(help: "The name there; by default the one it has.")
  var name: String?

  @Option(help: "An alias to point at the version; may be repeated.")
  var alias: [String] = []

  @Option(help: ArgumentHelp("Sign the version with this private key.", valueName: "file"))
  var signKey: String?

  /// Publishes a model with its signatures, which the policy must accept.
  func publish(
    _ loaded: LoadedModel, to registry: String, trust: TrustPolicy?, _ common: CommonOptions
  ) async throws {
    let target = name ?? loaded.registered?.name
    let signatures = try Publication(signKey: signKey, trust: trust).signatures(
      of: loaded.artifact, as: target, adding: loaded.signatures)
    let version = try await modelStores().open(registry).publish(
      loaded.artifact, as: target, aliases: alias, signatures: signatures)
    let reference = "\(registry)/\(version.name)@\(version.version)"
    common.print(
      "model     \(reference)  (\(version.isNew ? "published" : "already published"), "
        + "sha256:\(version.digest.prefix(12)))\n",
      json: [
        "reference": .string(reference), "version": .integer(version.version),
        "digest": .string(version.digest), "is_new": .bool(version.isNew),
        "aliases": .array(alias.map(JSONValue.string)),
      ])
  }
}

struct PushCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Publish an artifact's folder as it is, with its signatures.",
    discussion: "The opposite of pull. Unlike publish it moves no alias unless asked to.")

  @Argument(help: "The artifact's folder.")
  var folder: String

  @Argument(help: "The registry.")
  var registry: String

  @OptionGroup var target: TargetOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let loaded = try await ModelReference.directory(folder).load()
    try await target.publish(loaded, to: registry, trust: trust.policy(), common)
  }
}

struct CopyVersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy a version with its signatures to another registry.",
    discussion: "It keeps its digest and gets the next number there.")

  @Argument(help: "<registry>/<name>@<alias or version>.")
  var model: String

  @Argument(help: "The registry to copy to.")
  var registry: String

  @OptionGroup var target: TargetOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let (store, reference) = try registryAndReference(model)
    let policy = try trust.policy()
    // Verified where it comes from, before anything of it is parsed, if nothing is signed here.
    let loaded = try await store.load(reference, trust: target.signKey == nil ? policy : nil)
    try await target.publish(loaded, to: registry, trust: policy, common)
  }
}

struct DiffVersionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Say how two versions differ: files and properties.")

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var before: String

  @Argument(help: "Another one.")
  var after: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let difference = ArtifactDifference(
      from: try await manifest(before), to: try await manifest(after))
    func bytes(_ count: Int?) -> String { count.map { size($0) } ?? "absent" }
    var text =
      "digests   \(difference.digests.before.prefix(12)) → \(difference.digests.after.prefix(12))"
    text += difference.digests.before == difference.digests.after ? "  (the same)\n" : "\n"
    if difference.sameWeights, !difference.files.isEmpty { text += "weights   the same\n" }
    for file in difference.files {
      text += "file      \(file.path)  \(bytes(file.before)) → \(bytes(file.after))\n"
    }
    for property in difference.properties {
      text += "property  \(property.name)  \(plain(property.before)) → \(plain(property.after))\n"
    }
    common.print(
      text,
      json: [
        "before": .string(difference.digests.before), "after": .string(difference.digests.after),
        "same_weights": .bool(difference.sameWeights),
        "files": .array(
          difference.files.map {
            [
              "path": .string($0.path), "before": $0.before.map(JSONValue.integer) ?? .null,
              "after": $0.after.map(JSONValue.integer) ?? .null,
            ]
          }),
        "properties": .array(
          difference.properties.map {
            ["name": .string($0.name), "before": $0.before ?? .null, "after": $0.after ?? .null]
          }),
      ])
  }

  private func manifest(_ text: String) async throws -> ArtifactManifest {
    switch try ModelReference(parsing: text) {
    case .directory(let directory): return try ArtifactManifest.read(directory: directory)
    case .registry(let root, let reference):
      let store = try modelStores().open(root)
      return try await store.manifest(of: store.resolve(reference))
    }
  }
}
