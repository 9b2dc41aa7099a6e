internal import ArgumentParser
internal import Pipeline
internal import Registry
internal import RemoteRegistry
internal import Signing

/// Whose signatures a model needs.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "YAML file with the keys whose signatures are required: keys, required, names, or a "
        + "pipeline's configuration with registry.trust; AUTOPILOT_TRUST by default.",
      valueName: "file"))
  var trust: String?

  /// The policy; nil when neither the option nor the environment asks for any.
  func policy() throws -> TrustPolicy? {
    let environment = processEnvironment()
    let named = environment["AUTOPILOT_TRUST"].flatMap { $0.isEmpty ? nil : $0 }
    return try (trust ?? named).map {
      try TrustPolicy(readingFile: $0, environment: environment)
    }
  }

  /// Finds a model, verifies its signatures if any are required, and reads it.
  func load(_ reference: String) async throws -> (model: TrainedModel, artifact: Artifact) {
    try await ModelArtifact.load(reference, from: modelStores(), trust: policy())
  }
}

/// All kinds of registries, with credentials from the environment.
func modelStores() -> StoreCatalogue {
  RemoteStores.catalogue(environment: processEnvironment())
}

/// A registry and the name of a model in it, from `<registry>/<name>`.
func registryAndName(_ text: String) throws -> (store: any ModelStore, name: String) {
  let slash = text.lastIndex(of: "/")
  let name = slash.map { String(text[text.index(after: $0)...]) } ?? text
  let root = slash.map { $0 == text.startIndex ? "/" : String(text[..<$0]) } ?? "."
  try checkModelName(name)
  return (try modelStores().open(root), name)
}

/// A registry and a version's reference in it, from `<registry>/<name>@<alias or version>`.
func registryAndReference(
  _ text: String
) throws -> (store: any ModelStore, reference: VersionReference) {
  guard case .registry(let root, let reference) = try ModelReference(parsing: text) else {
    throw RegistryError.invalidReference(text, reason: "does not say which version")
  }
  return (try modelStores().open(root), reference)
}
