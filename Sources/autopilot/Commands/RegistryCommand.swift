internal import ArgumentParser
internal import Pipeline
internal import Registry
internal import Report
internal import Signing
internal import Storage
internal import Telemetry

struct RegistryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registry",
    abstract: "Look into registries of models, move versions and aliases, and clean up.",
    discussion: """
      A registry is a folder, s3://bucket/prefix or oci://host/repository; a model in it is \
      <registry>/<name>, a version of that <registry>/<name>@<alias or version>. Credentials come \
      from the environment and the files of AWS and Docker, never from arguments.
      """,
    subcommands: [
      ListRegistryCommand.self, ShowRegistryCommand.self, PullCommand.self, PushCommand.self,
      PromoteCommand.self, RollbackCommand.self, DiffVersionsCommand.self, CopyVersionCommand.self,
      CollectVersionsCommand.self, VerifyRegistryCommand.self,
    ])
}

struct ListRegistryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models with their versions and aliases.")

  @Argument(help: "The registry.")
  var registry: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let store = try modelStores().open(registry)
    var (text, rows) = ("", [JSONValue]())
    for name in try await store.names() {
      let versions = try await store.versions(of: name)
      let aliases = try await store.aliases(of: name)
      let shown = aliases.map { "\($0.name)=\($0.target.version)" }.joined(separator: " ")
      text += "\(name)  \(versions.count) version\(versions.count == 1 ? "" : "s")"
      text += "\(versions.last.map { ", newest \($0)" } ?? "")  \(shown)\n"
      rows.append([
        "name": .string(name), "versions": .array(versions.map(JSONValue.integer)),
        "aliases": .object(
          Dictionary(uniqueKeysWithValues: aliases.map { ($0.name, .integer($0.target.version)) })),
      ])
    }
    common.print(text.isEmpty ? "no models\n" : text, json: .array(rows))
  }
}

struct ShowRegistryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a model's versions and the history of its aliases, or one version's contents.")

  @Argument(help: "<registry>/<name>, or <registry>/<name>@<alias or version>.")
  var model: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let last = model.split(separator: "/").last ?? ""
    if last.contains("@") { try await showVersion() } else { try await showModel() }
  }

  private func showVersion() async throws {
    let (store, reference) = try registryAndReference(model)
    let version = try await store.resolve(reference)
    let manifest = try await store.manifest(of: version)
    let signers = try await store.signatures(of: version).values.compactMap(\.keyIdentifier)
      .sorted()
    var text = "version   \(version.version)  sha256:\(version.digest)\n"
    text += "place     \(version.directory)\n"
    for signer in signers { text += "signature \(signer)  (not verified here)\n" }
    for file in manifest.files {
      text += "file      \(file.path)  \(size(file.size))  sha256:\(file.sha256.prefix(12))\n"
    }
    if case .object(let members) = manifest.properties {
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        text += "property  \(name) = \(plain(value))\n"
      }
    }
    if let expires = manifest.expires { text += "expires   \(expires)\n" }
    for line in inputs(manifest) { text += "input     \(line)\n" }
    common.print(
      text,
      json: [
        "name": .string(version.name), "version": .integer(version.version),
        "digest": .string(version.digest), "place": .string(version.directory),
        "signatures": .array(signers.map(JSONValue.string)),
        "files": .array(
          manifest.files.map {
            ["path": .string($0.path), "bytes": .integer($0.size), "sha256": .string($0.sha256)]
          }),
        "properties": manifest.properties, "inputs": manifest.inputs ?? .null,
        "expires": manifest.expires.map { .string($0.description) } ?? .null,
        "schema_version": .integer(manifest.schema),
      ])
  }

  /// What the model is fed with, a line for each kind of service.
  private func inputs(_ manifest: ArtifactManifest) -> [String] {
    guard let document = manifest.inputs else { return [] }
    // Other programs may publish artifacts that say it in another way.
    guard let inputs = try? ModelInputs(json: JSONDocument(document, source: model)) else {
      return [printable(plain(document))]
    }
    return inputs.groups.map { group in
      let services = group.services.prefix(5).joined(separator: ", ")
      return printable(
        "every \(inputs.interval), \(inputs.lookBack) back: "
          + "\(group.metrics.count) metrics\(group.usesLogs ? " and logs" : "") of \(services)"
          + (group.services.count > 5 ? " and \(group.services.count - 5) more" : ""))
    }
  }

  private func showModel() async throws {
    let (store, name) = try registryAndName(model)
    let aliases = try await store.aliases(of: name)
    var (text, rows) = ("", [JSONValue]())
    for number in try await store.versions(of: name) {
      let version = try await store.resolve(VersionReference(parsing: "\(name)@\(number)"))
      let here = aliases.filter { $0.target.version == number }.map(\.name)
      text += "\(number)  sha256:\(version.digest.prefix(12))  \(here.joined(separator: " "))\n"
      rows.append([
        "version": .integer(number), "digest": .string(version.digest),
        "aliases": .array(here.map(JSONValue.string)),
      ])
    }
    for alias in aliases {
      let path = (alias.history.suffix(10) + [alias.target]).map { String($0.version) }
      text += "\(alias.name)  \(path.joined(separator: " → "))\n"
    }
    common.print(
      text,
      json: [
        "name": .string(name), "versions": .array(rows),
        "aliases": .object(
          Dictionary(
            uniqueKeysWithValues: aliases.map { alias in
              (
                alias.name,
                [
                  "version": .integer(alias.target.version),
                  "history": .array(alias.history.map { .integer($0.version) }),
                ] as JSONValue
              )
            })),
      ])
  }
}

/// A property's value in one line.
func plain(_ value: JSONValue?) -> String {
  guard let value else { return "absent" }
  if case .string(let text) = value { return text }
  let text = value.text()
  return text.count <= 100 ? text : "\(text.prefix(99))…"
}
