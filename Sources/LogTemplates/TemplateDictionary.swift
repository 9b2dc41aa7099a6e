public import Storage
public import Telemetry

/// Templates that were mined once and no longer change.
public struct TemplateDictionary: Hashable, Sendable {
  /// The templates; a template's index is its number.
  public let templates: [LogTemplate]
  /// What is masked in a line before it is compared.
  public let rules: LogMaskRules
  private let index: TemplateIndex

  init(templates: [LogTemplate], rules: LogMaskRules = LogMaskRules()) {
    (self.templates, self.rules, index) = (templates, rules, TemplateIndex(templates))
  }

  /// Dictionaries are equal when their templates and rules are.
  public static func == (a: TemplateDictionary, b: TemplateDictionary) -> Bool {
    a.templates == b.templates && a.rules == b.rules
  }

  /// Hashes the templates.
  public func hash(into hasher: inout Hasher) { hasher.combine(templates) }

  /// The number of the most specific template that covers a pattern, without learning from it; nil
  /// for a pattern unlike all that were mined.
  public func match(_ pattern: LogPattern) -> Int? { index.match(pattern) }

  /// The dictionary as JSON: `{"format": 1, "rules": {…}, "templates": [{"id", "level", "text"}]}`,
  /// the rules as `LogMaskRules.json` gives them.
  public var json: JSONValue {
    .object([
      "format": 1, "rules": rules.json,
      "templates": .array(templates.map { .object($0.members) }),
    ])
  }

  /// Reads a dictionary from JSON.
  ///
  /// Without `rules`, the built-in ones hold.
  ///
  /// - Throws: `StorageError.unexpectedShape` for another format, an identity that is malformed or
  ///   appears twice, an unknown severity, or text that is not words with single blanks;
  ///   `LogTemplateError.invalidMask` for rules that cannot be used.
  public init(_ document: JSONDocument) throws {
    guard try document["format"].integer == 1 else {
      throw try document["format"].expected("format 1, which this version reads")
    }
    var identities: Set<TemplateID> = []
    let templates = try document["templates"].elements.map { element in
      let template = try LogTemplate(element)
      guard identities.insert(template.id).inserted else {
        throw try element["id"].expected("an identity that appears once")
      }
      return template
    }
    let rules = try document.optional("rules").map { try LogMaskRules($0) }
    self.init(templates: templates, rules: rules ?? LogMaskRules())
  }
}

extension LogTemplate {
  /// The members `id`, `level` and `text`.
  var members: [String: JSONValue] {
    ["id": .string(id.description), "level": .string(level.name), "text": .string(text)]
  }

  /// Reads the members.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place of what is malformed.
  init(_ element: JSONDocument) throws {
    guard let id = TemplateID(try element["id"].string) else {
      throw try element["id"].expected("16 hexadecimal digits")
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
    self.init(id: id, level: level, tokens: tokens)
  }
}
