internal import ArgumentParser
internal import Registry
internal import Storage

struct PromoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Point an alias at a version.",
    discussion: """
      The version is read whole and checked first. --expect makes the move go ahead only if the alias \
      is where it was last seen; otherwise exit code 1, and nothing has changed.
      """)

  @Argument(help: "<registry>/<name>@<alias or version>.")
  var model: String

  @Option(help: "The alias to move.")
  var alias = "champion"

  @Option(help: "The version that the alias must be at, or none.")
  var expect: String?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let expect, expect != "none", (Int(expect) ?? 0) < 1 {
      throw ValidationError("--expect is a version from 1 on, or none, not '\(expect)'.")
    }
  }

  func run() async throws {
    let (store, reference) = try registryAndReference(model)
    let number: Int
    if let policy = try trust.policy() {
      number = try await store.load(reference, trust: policy).registered?.version ?? 0
    } else {
      number = try await store.resolve(reference).version
    }
    let expecting =
      expect.map { Int($0).map { AliasExpectation.version($0) } ?? .absent } ?? .anything
    let moved = try await store.setAlias(
      alias, of: reference.name, to: number, expecting: expecting)
    report(moved, of: reference.name, in: store, from: moved.history.last?.version, common)
  }
}

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Point an alias back at the version before its current one.",
    discussion: "Rolling back again goes back further.")

  @Argument(help: "<registry>/<name>.")
  var model: String

  @Option(help: "The alias to move.")
  var alias = "champion"

  @Option(help: "The version to go back to, instead of the one before.")
  var to: Int?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let (store, name) = try registryAndName(model)
    guard let to else {
      let (moved, from) = try await store.rollBack(alias, of: name)
      return report(moved, of: name, in: store, from: from, common)
    }
    let current = try await store.alias(named: alias, of: name)?.target.version
    let moved = try await store.setAlias(
      alias, of: name, to: to, expecting: current.map { .version($0) } ?? .absent)
    report(moved, of: name, in: store, from: current, common)
  }
}

private func report(
  _ alias: ModelAlias, of name: String, in store: any ModelStore, from former: Int?,
  _ common: CommonOptions
) {
  let before = former.map { "\($0) → " } ?? ""
  common.print(
    "alias     \(store.location)/\(name)@\(alias.name)  \(before)\(alias.target.version)\n",
    json: [
      "name": .string(name), "alias": .string(alias.name),
      "version": .integer(alias.target.version), "digest": .string(alias.target.digest),
      "before": former.map(JSONValue.integer) ?? .null,
    ])
}
