internal import Storage
package import Yams

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

extension ConfigurationNode {
  /// SHA-256 of what sections of a document say, key by key with `${NAME}` replaced, ascending: the
  /// same whatever its comments, order and folder.
  package func digest(of sections: [String]) throws -> String {
    var lines: [String] = []
    for section in sections {
      for (key, value) in node.mapping?[section]?.leaves(section) ?? [] {
        lines.append("\(key)=\(try expand(value))")
      }
    }
    return SHA256Digest.hexadecimal(of: Array(lines.sorted().joined(separator: "\n").utf8))
  }
}

extension Node {
  /// All scalars below, by their paths.
  package func leaves(_ path: String) -> [(key: String, value: String)] {
    switch self {
    case .scalar(let scalar): return [(path, scalar.string)]
    case .alias: return [(path, "alias")]
    case .mapping(let mapping):
      guard !mapping.isEmpty else { return [(path, "{}")] }
      return mapping.flatMap { key, value in
        let name = key.string ?? "?"
        return value.leaves(path.isEmpty ? name : "\(path).\(name)")
      }
    case .sequence(let sequence):
      guard !sequence.isEmpty else { return [(path, "[]")] }
      return sequence.enumerated().flatMap { $1.leaves("\(path)[\($0)]") }
    }
  }
}
