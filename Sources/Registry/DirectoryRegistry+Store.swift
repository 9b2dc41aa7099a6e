public import Signing
internal import Storage

extension DirectoryRegistry: ModelStore {
  /// The registry's folder.
  public var location: String { root }

  /// The manifest of a version's folder.
  public func manifest(of version: RegisteredVersion) throws -> ArtifactManifest {
    try ArtifactManifest.read(directory: version.directory)
  }

  /// The signatures in a version's folder.
  public func signatures(of version: RegisteredVersion) throws -> [String: SignatureBundle] {
    try SignatureFiles.read(directory: version.directory)
  }

  /// Adds signatures to a version's folder, each whole.
  public func addSignatures(
    _ signatures: [SignatureBundle], to version: RegisteredVersion
  ) throws {
    _ = try registered(version.name, version.version)
    let area = try StagingArea(root: root, wait: true)
    defer { area.close() }
    try Artifact.add(signatures, to: "\(version.name)/\(version.version)", in: area)
  }

  /// Removes versions that nothing needs; each disappears at once, by a change of its name. What a
  /// killed publisher left goes with the lock that this takes.
  public func collect(_ retention: Retention, dryRun: Bool) throws -> CollectedGarbage {
    _ = try names()
    var garbage = CollectedGarbage()
    if FileSystem.item(at: path(root, ".staging")) != nil {
      garbage.leftovers.append(path(root, ".staging"))
    }
    let area = dryRun ? nil : try StagingArea(root: root, wait: true)
    defer { area?.close() }
    for name in try names() where retention.covers(name) {
      let removable = retention.removable(
        try versions(of: name), aliases: try aliases(of: name))
      for version in removable {
        if let area {
          let place = try area.path(for: "removed/\(name)-\(version)")
          try FileSystem.move(directory(of: name, version: version), to: place)
        }
        garbage.versions.append("\(name)@\(version)")
      }
    }
    return garbage
  }
}
