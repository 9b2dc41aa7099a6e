internal import Registry
public import Signing
internal import Storage

extension TrustPolicy {
  /// Reads whose signatures count from a YAML file: one that holds nothing else, or a pipeline's
  /// configuration, whose section `registry.trust` is taken.
  ///
  /// Key files are relative to the file's folder.
  ///
  /// - Parameter environment: What `${NAME}` in values stands for.
  /// - Throws: `ConfigurationError` naming the line, `SigningError` for keys that cannot be used, or
  ///   `StorageError` when there is no such file.
  public init(readingFile path: String, environment: [String: String]) throws {
    let bytes = try FileSystem.readFile(at: path, limit: ConfigurationNode.sizeLimit)
    let root = try ConfigurationNode(
      parsing: String(decoding: bytes, as: UTF8.self), file: path, environment: environment)
    let folder = Settings.folder(of: path)
    if let registry = try root.optional("registry") {
      try self.init(registry.required("trust"), folder: folder)
    } else {
      try self.init(root.optional("trust") ?? root, folder: folder)
    }
  }

  /// Reads a section `trust`.
  package init(_ node: ConfigurationNode, folder: String) throws {
    try node.check(keys: ["keys", "required", "names"])
    let keys = try node.required("keys").elements.map {
      try VerificationKey(file: resolve(try $0.string, in: folder))
    }
    let names = try node.optional("names")?.elements.map {
      try $0.checked { try checkModelName($0) }
    }
    try self.init(
      keys: keys, required: try node.optional("required")?.integer(1...16) ?? 1,
      names: names.map { Set($0) }, source: node.place)
  }
}
