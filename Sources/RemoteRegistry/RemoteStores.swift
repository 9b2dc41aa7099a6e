public import Registry

/// Opens registries wherever they are: folders, S3 and OCI.
public enum RemoteStores {
  /// The catalogue of all stores.
  ///
  /// - Parameter environment: Where endpoints and credentials are looked for.
  public static func catalogue(environment: [String: String]) -> StoreCatalogue {
    StoreCatalogue { location in
      guard StoreCatalogue.isRemote(location) else { return DirectoryRegistry(root: location) }
      if location.hasPrefix("s3://") {
        return try S3Store(location: location, environment: environment)
      }
      if location.hasPrefix("oci://") || location.hasPrefix("oci+http://") {
        return try OCIStore(location: location, environment: environment)
      }
      throw RegistryError.invalidReference(
        location, reason: "registries are folders, s3://bucket/prefix or oci://host/repository")
    }
  }
}
