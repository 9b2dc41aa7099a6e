public import Telemetry
package import Yams

/// A place in a YAML document that knows its key and line, for errors that say where.
public struct ConfigurationNode {
  /// Largest configuration file, in bytes.
  package static let sizeLimit = 1 << 20
  /// Longest duration that makes sense anywhere.
  static let longestDuration = TimeSpan.days(36_500)

  package let node: Node
  let file: String
  let path: String
  private let environment: [String: String]

  /// Parses a document.
  ///
  /// - Parameters:
  ///   - file: The name to use in errors.
  ///   - environment: What `${NAME}` and `${NAME:-default}` in values stand for.
  /// - Throws: `ConfigurationError` when the text is not YAML or empty.
  public init(parsing text: String, file: String, environment: [String: String]) throws {
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch let error as YamlError {
      throw Self.syntaxError(error, file: file)
    }
    guard let root else {
      throw ConfigurationError.invalidYAML(
        file: file, line: 1, column: 1, reason: "the document is empty")
    }
    self.init(node: root, file: file, path: "", environment: environment)
  }

  package init(node: Node, file: String, path: String, environment: [String: String]) {
    (self.node, self.file, self.path) = (node, file, path)
    self.environment = environment
  }

  private static func syntaxError(_ error: YamlError, file: String) -> ConfigurationError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      .invalidYAML(file: file, line: mark.line, column: mark.column, reason: problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      .invalidYAML(
        file: file, line: context.mark.line, column: context.mark.column,
        reason: "key \(duplicates.map { "'\($0)'" }.joined(separator: ", ")) appears twice")
    default:
      .invalidYAML(
        file: file, line: 1, column: 1,
        reason: "\(error)".split(separator: "\n").first.map(String.init) ?? "unreadable")
    }
  }

  /// Line of this place, from 1.
  public var line: Int { node.mark?.line ?? 1 }

  /// An error about this place's value.
  public func expected(_ what: String) -> ConfigurationError {
    let found: String
    switch node {
    case .scalar(let scalar): found = scalar.string
    case .mapping: found = "a mapping"
    case .sequence: found = "a list"
    case .alias: found = "an alias"
    }
    return .invalidValue(
      file: file, line: line, key: path.isEmpty ? "document" : path, found: found, expected: what)
  }

  /// Whether this is a mapping of keys to values.
  package var isMapping: Bool { node.mapping != nil }

  /// Makes sure that this is a mapping with none but the known keys.
  public func check(keys known: [String]) throws {
    guard let mapping = node.mapping else { throw expected("a mapping") }
    for (key, _) in mapping where !known.contains(key.string ?? "") {
      let name = key.string ?? "?"
      throw ConfigurationError.unknownKey(
        file: file, line: key.mark?.line ?? line, key: path.isEmpty ? name : "\(path).\(name)",
        known: known)
    }
  }

  /// The value of a key, or nil when it is absent or null.
  public func optional(_ key: String) throws -> ConfigurationNode? {
    guard let mapping = node.mapping else { throw expected("a mapping") }
    guard let value = mapping[key], value.null == nil || value.scalar?.style != .plain else {
      return nil
    }
    return ConfigurationNode(
      node: value, file: file, path: path.isEmpty ? key : "\(path).\(key)",
      environment: environment)
  }

  /// The value of a key, nil only when it is absent: for what must not be off because a value was
  /// forgotten.
  public func present(_ key: String) throws -> ConfigurationNode? {
    guard let mapping = node.mapping else { throw expected("a mapping") }
    return mapping[key] == nil ? nil : try required(key)
  }

  /// The value of a key that must be there.
  public func required(_ key: String) throws -> ConfigurationNode {
    guard let value = try optional(key) else {
      throw ConfigurationError.missingKey(
        file: file, line: line, key: path.isEmpty ? key : "\(path).\(key)")
    }
    return value
  }

  /// The elements of a list.
  public var elements: [ConfigurationNode] {
    get throws {
      guard let sequence = node.sequence else { throw expected("a list") }
      return sequence.enumerated().map {
        ConfigurationNode(
          node: $1, file: file, path: "\(path)[\($0)]", environment: environment)
      }
    }
  }

  /// The keys and scalar values of a mapping.
  public var fields: [String: String] {
    get throws {
      guard let mapping = node.mapping else { throw expected("a mapping") }
      var fields: [String: String] = [:]
      for (key, value) in mapping {
        guard let name = key.string else { throw expected("keys that are words") }
        let place = ConfigurationNode(
          node: value, file: file, path: path.isEmpty ? name : "\(path).\(name)",
          environment: environment)
        fields[name] = value.null != nil ? "" : try place.string
      }
      return fields
    }
  }

  /// Where this is, for messages: `file:line`.
  public var place: String { "\(file):\(line)" }

  /// A word or text, with `${NAME}` replaced from the environment.
  public var string: String {
    get throws {
      guard let scalar = node.scalar else { throw expected("a text") }
      return try expand(scalar.string)
    }
  }

  func expand(_ text: String) throws -> String {
    var result = ""
    var rest = Substring(text)
    while let open = rest.firstRange(of: "${") {
      result += rest[..<open.lowerBound]
      guard let close = rest[open.upperBound...].firstIndex(of: "}") else {
        throw expected("'}' after '${'")
      }
      let inside = rest[open.upperBound..<close]
      let separator = inside.firstRange(of: ":-")
      let name = String(inside[..<(separator?.lowerBound ?? inside.endIndex)])
      if let value = environment[name], !value.isEmpty {
        result += value
      } else if let separator {
        result += inside[separator.upperBound...]
      } else {
        throw ConfigurationError.unsetEnvironment(file: file, line: line, name: name)
      }
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// A text that a check accepts; what the check throws becomes an error about this place.
  package func checked(by check: (String) throws -> Void) throws -> String {
    let text = try string
    do {
      try check(text)
    } catch {
      throw expected("another: \(error)")
    }
    return text
  }

  /// A whole number within a range.
  public func integer(_ range: ClosedRange<Int>) throws -> Int {
    guard let value = Int(try string), range.contains(value) else {
      throw expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number within a range.
  public func number(_ range: ClosedRange<Double>) throws -> Double {
    guard let value = Double(try string), range.contains(value) else {
      throw expected("a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// `true` or `false`.
  public var bool: Bool {
    get throws {
      switch try string {
      case "true": return true
      case "false": return false
      default: throw expected("true or false")
      }
    }
  }

  /// A number of bytes such as `256MiB`, with one of the units KiB, MiB and GiB.
  public func bytes(_ range: ClosedRange<Int>) throws -> Int {
    let text = try string
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
    guard let (unit, shift) = units.first(where: { text.hasSuffix($0.0) }),
      let count = Int(text.dropLast(unit.count)),
      (range.lowerBound >> shift...range.upperBound >> shift) ~= count,
      range.contains(count << shift)
    else {
      throw expected(
        "a size such as 256MiB, from \(range.lowerBound >> 20)MiB to \(range.upperBound >> 20)MiB")
    }
    return count << shift
  }

  /// A duration such as `5m`.
  public func duration(atLeast minimum: TimeSpan = .zero) throws -> TimeSpan {
    guard let span = TimeSpan(try string), span >= minimum else {
      throw expected("a duration such as 30s, 5m or 2h, at least \(minimum)")
    }
    guard span <= Self.longestDuration else {
      throw expected("a duration of at most \(Self.longestDuration)")
    }
    return span
  }

  /// An RFC 3339 instant.
  public var timestamp: Timestamp {
    get throws {
      guard let time = Timestamp(rfc3339: try string) else {
        throw expected("an RFC 3339 instant such as 2026-11-23T08:00:00Z")
      }
      return time
    }
  }

  /// One of a few words.
  public func word<Word: RawRepresentable<String> & CaseIterable>() throws -> Word {
    guard let word = Word(rawValue: try string) else {
      throw expected("one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return word
  }
}
