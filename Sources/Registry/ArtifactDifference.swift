public import Storage

/// How two artifacts differ, by their manifests.
public struct ArtifactDifference: Hashable, Sendable {
  /// A file that is not the same in both.
  public struct File: Hashable, Sendable {
    /// Its path.
    public let path: String
    /// Its size in the first, nil when it is not there.
    public let before: Int?
    /// Its size in the second, nil when it is not there.
    public let after: Int?
  }

  /// A member of the properties that is not the same in both, such as `dataset` or `seed`.
  public struct Property: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value in the first, nil when it is not there.
    public let before: JSONValue?
    /// Its value in the second, nil when it is not there.
    public let after: JSONValue?
  }

  /// The digests of both.
  public let digests: (before: String, after: String)
  /// Files that differ, in ascending order.
  public let files: [File]
  /// Properties that differ, in ascending order.
  public let properties: [Property]
  /// Whether both have the same weights, whatever else differs.
  public let sameWeights: Bool

  /// Compares two manifests.
  public init(from before: ArtifactManifest, to after: ArtifactManifest) {
    digests = (before.digest, after.digest)
    let (old, new) = (Self.entries(before), Self.entries(after))
    files = Set(old.keys).union(new.keys).sorted().compactMap { path in
      guard old[path]?.sha256 != new[path]?.sha256 else { return nil }
      return File(path: path, before: old[path]?.size, after: new[path]?.size)
    }
    let (had, has) = (Self.members(before), Self.members(after))
    properties = Set(had.keys).union(has.keys).sorted().compactMap { name in
      guard had[name] != has[name] else { return nil }
      return Property(name: name, before: had[name], after: has[name])
    }
    let weights = "weights.safetensors"
    sameWeights = old[weights] != nil && old[weights]?.sha256 == new[weights]?.sha256
  }

  private static func entries(_ manifest: ArtifactManifest) -> [String: ArtifactManifest.Entry] {
    Dictionary(uniqueKeysWithValues: manifest.files.map { ($0.path, $0) })
  }

  private static func members(_ manifest: ArtifactManifest) -> [String: JSONValue] {
    guard case .object(let members) = manifest.properties else { return [:] }
    return members
  }

  /// Whether two differences are the same.
  public static func == (a: ArtifactDifference, b: ArtifactDifference) -> Bool {
    a.digests == b.digests && a.files == b.files && a.properties == b.properties
  }

  /// Hashes the digests, on which all else depends.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(digests.before)
    hasher.combine(digests.after)
  }
}

extension ArtifactManifest {
  /// The digest of the dataset that the model was trained on, when the manifest names one.
  var dataset: String? {
    get throws {
      try JSONDocument(properties, source: name).optional("dataset")?.string
    }
  }
}
