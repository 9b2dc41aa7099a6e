public import Diagnostics
public import Telemetry

/// Why an artifact or a registry could not be read, believed or changed.
public enum RegistryError: DiagnosedError, Equatable {
  /// A model name or an alias breaks the rules for names; `role` says which of the two.
  case invalidName(String, role: String)
  /// A reference to a model cannot be understood.
  case invalidReference(String, reason: String)
  /// The folder has no manifest.
  case notAnArtifact(path: String)
  /// The folder is a registry's model, and the reference does not say which version.
  case versionNotChosen(path: String, versions: [Int], aliases: [String])
  /// The manifest was written by a newer program.
  case newerSchema(path: String, found: Int, supported: Int)
  /// An artifact would be, or claims to be, larger than any we make.
  case tooLarge(path: String, limit: String)
  /// A path in an artifact is not a plain relative path, or clashes with another.
  case unsafePath(String, source: String, reason: String)
  /// The manifest, or an alias, is not what this program writes.
  case damagedRecord(path: String, reason: String)
  /// A file of the artifact is missing.
  case missingFile(path: String)
  /// A file or folder is not listed in the manifest.
  case unlistedEntry(path: String)
  /// A symbolic link, or a folder in a file's place.
  case irregularEntry(path: String, found: String)
  /// A file has another size than its manifest states.
  case sizeMismatch(path: String, expected: Int, found: String)
  /// A file, or a manifest, has another SHA-256 than stated.
  case digestMismatch(path: String, expected: String, found: String)
  /// A model is used for data after the instant up to which it was meant to be used.
  case expired(path: String, at: Timestamp, data: Timestamp)
  /// Writing would replace something else.
  case occupied(path: String, reason: String)
  /// No registry at this place.
  case noRegistry(path: String)
  /// The registry has no model of this name.
  case unknownModel(registry: String, name: String, available: [String])
  /// The model has no such version.
  case unknownVersion(model: String, version: Int, available: [Int])
  /// The model has no such alias.
  case unknownAlias(model: String, alias: String, aliases: [String], versions: [Int])
  /// The alias has not been anywhere before.
  case nothingBefore(model: String, alias: String, version: Int)
  /// A store keeps us from changing it, or did not hold what it promised.
  case store(location: String, reason: String, FailureKind)
  /// An alias is not where the caller last saw it.
  case aliasConflict(model: String, alias: String, expected: String, found: String)
  /// What the failure means to the program that called us.
  public var kind: FailureKind {
    switch self {
    case .invalidReference: .usage
    case .invalidName, .notAnArtifact, .versionNotChosen, .newerSchema, .tooLarge, .occupied,
      .expired,
      .noRegistry, .unknownModel, .unknownVersion, .unknownAlias, .nothingBefore:
      .invalidInput
    case .unsafePath, .damagedRecord, .missingFile, .unlistedEntry, .irregularEntry, .sizeMismatch,
      .digestMismatch:
      .integrity
    case .aliasConflict: .environment
    case .store(_, _, let kind): kind
    }
  }

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .invalidName(let name, let role):
      "'\(name)' is no \(role): use 1 to 63 of a-z, 0-9, '.', '_' and '-', a letter or digit first"
        + (role == "alias" ? ", not digits alone" : "")
    case .invalidReference(let text, let reason):
      "model reference '\(text)': \(reason); write <registry>/<name>@<alias or version>, or the "
        + "folder of an artifact"
    case .notAnArtifact(let path):
      "\(path): no model artifact here (no \(ArtifactManifest.fileName)); give the folder that "
        + "train wrote, or <registry>/<name>@<alias or version>"
    case .versionNotChosen(let path, let versions, let aliases):
      "\(path): a model of a registry; add @ and one of: \(list(aliases + versions.map(String.init)))"
    case .newerSchema(let path, let found, let supported):
      "\(path): schema \(found) was written by a newer version, this one reads up to \(supported); "
        + "update autopilot"
    case .tooLarge(let path, let limit):
      "\(path): larger than an artifact may be (\(limit)); check what was put into it"
    case .expired(let path, let at, let data):
      "\(path): expired at \(at), and the data ends at \(data); train or recalibrate it on newer data"
    case .unsafePath(let path, let source, let reason):
      "\(source): file path '\(path)' \(reason); do not use this artifact"
    case .damagedRecord(let path, let reason):
      "\(path): \(reason); the file was changed or damaged, fetch the artifact again"
    case .missingFile(let path):
      "\(path): listed in the manifest but missing; fetch the artifact again"
    case .unlistedEntry(let path):
      "\(path): not listed in the manifest; an artifact's folder holds nothing else, move it away"
    case .irregularEntry(let path, let found):
      "\(path): \(found) in an artifact, which holds plain files only; fetch the artifact again"
    case .sizeMismatch(let path, let expected, let found):
      "\(path): \(found), should be \(expected) bytes; the file was changed or damaged, fetch the "
        + "artifact again"
    case .digestMismatch(let path, let expected, let found):
      "\(path): SHA-256 is \(found), should be \(expected); the file was changed or damaged, fetch "
        + "the artifact again"
    case .occupied(let path, let reason):
      "\(path): \(reason)"
    case .noRegistry(let path):
      "\(path): no registry here; check the path, or publish a first model to create it"
    case .unknownModel(let registry, let name, let available):
      "\(registry): no model '\(name)'; it has: \(list(available))"
    case .unknownVersion(let model, let version, let available):
      "\(model): no version \(version); it has: \(list(available.map(String.init)))"
    case .unknownAlias(let model, let alias, let aliases, let versions):
      "\(model): no alias '\(alias)'; aliases: \(list(aliases)); versions: "
        + list(versions.map(String.init))
    case .nothingBefore(let model, let alias, let version):
      "\(model): alias '\(alias)' was nowhere before version \(version); choose a version with --to"
    case .store(let location, let reason, _):
      "\(location): \(reason)"
    case .aliasConflict(let model, let alias, let expected, let found):
      "\(model): alias '\(alias)' is at \(found), expected \(expected); another run moved it, "
        + "look at it and decide again"
    }
  }
}

/// At most twenty of the last items in one line, so that the newest versions are among them.
private func list(_ items: [String]) -> String {
  guard !items.isEmpty else { return "none" }
  let shown = items.suffix(20).joined(separator: ", ")
  return items.count > 20 ? "…, \(shown)" : shown
}
