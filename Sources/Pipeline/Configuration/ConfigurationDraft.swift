internal import Foundation
internal import Ingest
internal import Storage
internal import Yams

/// A configuration file with some values set otherwise.
public struct ConfigurationDraft: Sendable {
  /// A value to set.
  public struct Setting: Hashable, Sendable {
    /// The key's path, such as `models.lstm.epochs`.
    public var key: String
    /// The value as YAML on one line.
    public var value: String

    /// Makes a setting.
    public init(key: String, value: String) { (self.key, self.value) = (key, value) }
  }

  /// The file's path, for errors and for paths that start from its folder.
  public let file: String
  /// The file's text.
  public let text: String
  /// What is set otherwise, in this order.
  public var settings: [Setting] = []
  private let environment: [String: String]

  /// Reads a configuration file.
  ///
  /// - Parameter environment: What `${NAME}` in values stands for.
  /// - Throws: `StorageError` when there is no such file, `ConfigurationError` when it is wrong.
  public init(readingFile path: String, environment: [String: String]) throws {
    file = path
    text = String(
      decoding: try FileSystem.readFile(at: path, limit: ConfigurationNode.sizeLimit),
      as: UTF8.self)
    self.environment = environment
    _ = try configuration()
  }

  /// The configuration with the settings.
  ///
  /// - Throws: `ConfigurationError`, whose line is that of the file where the file has the place.
  public func configuration() throws -> PipelineConfiguration {
    try PipelineConfiguration(
      ConfigurationNode(node: root(), file: file, path: "", environment: environment),
      folder: folder)
  }

  /// The whole document with the settings, its relative paths made absolute so that it can lie
  /// anywhere; comments are lost.
  public func yaml() throws -> String {
    var root = try root()
    for key in ["sources", "incidents"] {
      root = root.changed(at: ["reader", key]) { list in
        guard let sequence = list.sequence else { return list }
        return .sequence(
          Node.Sequence(
            sequence.map { $0.changed(at: ["path"], absolute) }, sequence.tag, sequence.style))
      }
    }
    root = root.changed(at: ["registry", "path"], absolute)
    return try serialize(node: root, width: -1)
  }

  /// What sections say, key by key with `${NAME}` replaced, ascending: the same whatever the file's
  /// comments, order and folder.
  ///
  /// - Parameter sections: Keys of the whole document.
  public func statements(of sections: [String]) throws -> [String] {
    let document = try root()
    var lines: [String] = []
    for section in sections {
      guard let node = document.mapping?[section] else { continue }
      for (key, value) in node.leaves(section) {
        let place = ConfigurationNode(
          node: Node(value), file: file, path: key, environment: environment)
        lines.append("\(key)=\(try place.string)")
      }
    }
    return lines.sorted()
  }

  private var folder: String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  private func absolute(_ node: Node) -> Node {
    guard var scalar = node.scalar else { return node }
    let expanded = try? ConfigurationNode(
      node: node, file: file, path: "", environment: environment
    ).string
    if (expanded ?? scalar.string).hasPrefix("/") { return node }
    let base = URL(fileURLWithPath: folder).standardizedFileURL.path
    // `..` goes away where no variable stands before it.
    scalar.string =
      scalar.string.contains("${")
      ? "\(base)/\(scalar.string)"
      : URL(fileURLWithPath: "\(base)/\(scalar.string)").standardizedFileURL.path
    return .scalar(scalar)
  }

  private func root() throws -> Node {
    // Reads it once for errors with a line.
    let base = try ConfigurationNode(parsing: text, file: file, environment: environment)
    var root = base.node
    for setting in settings {
      let value = try ConfigurationNode(
        parsing: setting.value, file: file, environment: environment
      ).node
      root = try root.setting(
        setting.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...],
        to: value, in: base)
    }
    return root
  }
}

/// The values of a document by key, ascending; elements of lists are `key[0]`.
///
/// - Parameters:
///   - text: YAML or JSON.
///   - source: The name to use in errors.
/// - Throws: `ConfigurationError` when it is neither.
public func configurationValues(
  _ text: String, source: String
) throws -> [(key: String, value: String)] {
  try ConfigurationNode(parsing: text, file: source, environment: [:]).node.leaves("")
    .sorted { $0.key < $1.key }
}

extension Node {
  fileprivate func changed(at path: ArraySlice<String>, _ change: (Node) -> Node) -> Node {
    guard let key = path.first else { return change(self) }
    guard case .mapping(var mapping) = self, let value = mapping[key] else { return self }
    mapping[key] = value.changed(at: path.dropFirst(), change)
    return .mapping(mapping)
  }

  fileprivate func setting(
    _ path: ArraySlice<String>, to value: Node, in place: ConfigurationNode
  ) throws -> Node {
    guard let key = path.first else { return value }
    var mapping: Node.Mapping
    switch self {
    case .mapping(let present): mapping = present
    case .scalar where null != nil: mapping = Node.Mapping([])
    default: throw place.expected("a mapping where '\(path.joined(separator: "."))' is set")
    }
    let inner = mapping[key] ?? .mapping(Node.Mapping([]))
    mapping[key] = try inner.setting(path.dropFirst(), to: value, in: place)
    return .mapping(mapping)
  }
}
