internal import Storage

extension DirectoryRegistry {
  /// The content digests of the datasets that any version of any model was trained on.
  ///
  /// - Throws: `RegistryError.noRegistry` when the folder does not exist, or what reading a damaged
  ///   manifest throws: what it refers to is not known then.
  public func datasets() throws -> Set<String> {
    var digests: Set<String> = []
    for name in try names() {
      for version in try versions(of: name) {
        let manifest = try ArtifactManifest.read(directory: directory(of: name, version: version))
        let properties = JSONDocument(manifest.properties, source: manifest.name)
        if let digest = try properties.optional("dataset") { digests.insert(try digest.string) }
      }
    }
    return digests
  }
}
