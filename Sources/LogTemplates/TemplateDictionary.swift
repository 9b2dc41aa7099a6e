public import Storage
public import Telemetry

/// Templates that were mined once and no longer change.
public struct TemplateDictionary: Hashable, Sendable {
  /// The templates; a template's index is its number.
  public let templates: [LogTemplate]
  private let index: [Shape: [Int]]

  /// What a template and every pattern it covers have in common.
  private struct Shape: Hashable {
    var level: LogLevel
    var length: Int
  }

  init(templates: [LogTemplate]) {
    self.templates = templates
    var index: [Shape: [Int]] = [:]
    for (number, template) in templates.enumerated() {
      index[Shape(level: template.level, length: template.tokens.count), default: []].append(number)
    }
    // The most specific first, so that the first that covers a pattern is the answer.
    for key in index.keys {
      index[key]?.sort {
        let (a, b) = (templates[$0].wildcards, templates[$1].wildcards)
        return a != b ? a < b : $0 < $1
      }
    }
    self.index = index
  }

  /// The number of the most specific template that covers a pattern, without learning from it; nil
  /// for a pattern unlike all that were mined.
  public func match(_ pattern: LogPattern) -> Int? {
    let tokens = templateTokens(of: pattern.text)
    return index[Shape(level: pattern.level, length: tokens.count)]?.first {
      templates[$0].covers(tokens)
    }
  }

  /// The dictionary as JSON: `{"format": 1, "templates": [{"id", "level", "text"}]}`.
  public var json: JSONValue {
    .object([
      "format": 1,
      "templates": .array(
        templates.map {
          .object([
            "id": .string($0.id.description), "level": .string($0.level.name),
            "text": .string($0.text),
          ])
        }),
    ])
  }

  /// Reads a dictionary from JSON.
  ///
  /// - Throws: `StorageError.unexpectedShape` for another format, an identity that is malformed or
  ///   appears twice, an unknown severity, or text that is not words with single blanks.
  public init(_ document: JSONDocument) throws {
    guard try document["format"].integer == 1 else {
      throw try document["format"].expected("format 1, which this version reads")
    }
    var identities: Set<TemplateID> = []
    let templates = try document["templates"].elements.map { element in
      guard let id = TemplateID(try element["id"].string), identities.insert(id).inserted else {
        throw try element["id"].expected("16 hexadecimal digits that appear once")
      }
      let name = try element["level"].string
      guard let level = LogLevel.allCases.first(where: { $0.name == name }) else {
        throw try element["level"].expected("a severity such as 'error'")
      }
      let text = try element["text"].string
      let tokens = templateTokens(of: text)
      guard tokens.joined(separator: " ") == text else {
        throw try element["text"].expected("words with single blanks between them")
      }
      return LogTemplate(id: id, level: level, tokens: tokens)
    }
    self.init(templates: templates)
  }
}
