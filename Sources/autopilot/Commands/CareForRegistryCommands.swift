internal import ArgumentParser
internal import Diagnostics
internal import Registry
internal import Storage
internal import Telemetry

struct CollectVersionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove versions that nothing needs, and what killed publishers left.",
    discussion: """
      Kept are the newest versions of each model and every one that an alias points at or ever pointed \
      at. Without --yes it only says what would go.
      """)

  @Argument(help: "The registry.")
  var registry: String

  @Option(help: "How many of the newest versions of each model stay, at least 1.")
  var keep: Int

  @Option(help: "Only this model; may be repeated.")
  var name: [String] = []

  @Option(
    help: """
      How long ago a publisher must have begun to be taken for dead, in a registry without a lock; 0s \
      only when nothing is being published.
      """)
  var grace = "24h"

  @Flag(help: "Remove them.")
  var yes = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard keep >= 1 else { throw ValidationError("--keep must be at least 1, not \(keep).") }
  }

  func run() async throws {
    guard let span = TimeSpan(grace), span.milliseconds >= 0 else {
      throw ValidationError("--grace '\(grace)' is not a duration such as 24h.")
    }
    for name in name { try checkModelName(name) }
    let retention = Retention(
      keep: keep, names: name.isEmpty ? nil : Set(name), grace: .milliseconds(span.milliseconds))
    let garbage = try await modelStores().open(registry).collect(retention, dryRun: !yes)
    let verb = yes ? "removed" : "would remove"
    var text = (garbage.versions + garbage.leftovers).map { "\(verb)  \($0)\n" }.joined()
    if text.isEmpty { text = "nothing to remove\n" } else if !yes { text += "--yes removes them\n" }
    common.print(
      text,
      json: [
        "removed": .bool(yes), "versions": .array(garbage.versions.map(JSONValue.string)),
        "leftovers": .array(garbage.leftovers.map(JSONValue.string)),
      ])
  }
}

struct VerifyRegistryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read every version, check every byte and follow every alias.",
    discussion: "All that is wrong is named; exit code 5 if anything is.")

  @Argument(help: "The registry.")
  var registry: String

  @Option(help: "Only this model.")
  var name: String?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    // An artifact's folder holds no versions, and would be called intact whatever is wrong with it.
    guard FileSystem.item(at: "\(registry)/\(ArtifactManifest.fileName)") == nil else {
      throw RegistryError.store(
        location: registry,
        reason: "an artifact's folder, not a registry; use 'autopilot artifact verify'",
        .invalidInput)
    }
    let store = try modelStores().open(registry)
    let policy = try trust.policy()
    let audit = try await common.withProgress { progress in
      try await RegistryAudit(of: store, name: name, trust: policy, progress: progress)
    }
    var text = "intact    \(audit.versions) versions, \(audit.aliases) aliases\n"
    for defect in audit.defects {
      text += "defect    \(defect.reference): \(defect.error.description)\n"
    }
    common.print(
      text,
      json: [
        "versions": .integer(audit.versions), "aliases": .integer(audit.aliases),
        "trust_checked": .bool(policy != nil),
        "defects": .array(
          audit.defects.map {
            ["reference": .string($0.reference), "reason": .string($0.error.description)]
          }),
      ])
    guard let first = audit.defects.first else { return }
    // What keeps a version from being read is no proof of damage.
    let worst = audit.defects.first { $0.error.kind == .integrity } ?? first
    throw RegistryError.store(
      location: registry,
      reason: "\(audit.defects.count) defect\(audit.defects.count == 1 ? "" : "s"), listed above; "
        + "the worst is in \(worst.reference)", worst.error.kind)
  }
}
