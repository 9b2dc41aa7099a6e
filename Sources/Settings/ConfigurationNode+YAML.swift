internal import Yams

extension ConfigurationNode {
  /// The keys of a mapping with their lines, in the document's order.
  ///
  /// - Throws: `ConfigurationError` when this is no mapping, or a key no word.
  public var keys: [(name: String, line: Int)] {
    get throws {
      guard let mapping = node.mapping else { throw expected("a mapping") }
      return try mapping.map { key, _ in
        guard let name = key.string else { throw expected("keys that are words") }
        return (name, key.mark?.line ?? line)
      }
    }
  }

  /// The place's content as YAML on one line, `${NAME}` left as it is.
  ///
  /// - Throws: `ConfigurationError` when it has no such form.
  public var yaml: String {
    get throws {
      do {
        let text = try serialize(node: node.flowing, width: -1)
        // A plain scalar as a document of its own ends with a mark.
        let lines = text.split(whereSeparator: \.isNewline).filter { $0 != "..." && $0 != "---" }
        guard lines.count == 1 else { throw expected("a value on one line") }
        return String(lines[0])
      } catch is YamlError {
        throw expected("a value on one line")
      }
    }
  }
}

extension Node {
  /// The same with everything on one line.
  fileprivate var flowing: Node {
    switch self {
    case .mapping(var mapping):
      mapping.style = .flow
      for (key, value) in mapping { mapping[key] = value.flowing }
      return .mapping(mapping)
    case .sequence(let sequence):
      return .sequence(Node.Sequence(sequence.map(\.flowing), sequence.tag, .flow))
    default: return self
    }
  }
}
