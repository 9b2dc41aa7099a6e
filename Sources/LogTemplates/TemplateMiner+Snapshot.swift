public import Storage

extension TemplateMiner {
  /// All that the miner knows, as JSON of format 1. A miner restored from it goes on as this one
  /// would: the same lines lead to the same templates, counts and snapshots, byte for byte.
  public var snapshot: JSONValue {
    .object([
      "format": 1,
      "configuration": configuration.json,
      "counters": .object([
        "lines": .integer(lines), "founded": .integer(founded), "evicted": .integer(evicted),
        "merged": .integer(merged), "overflow": .integer(overflow), "next": .integer(nextNumber),
      ]),
      "templates": .array(
        slots.map { slot in
          var members = slot.template.members
          members["founded"] = .integer(slot.founded)
          members["lines"] = .integer(slot.lines)
          members["last_use"] = .integer(slot.lastUse)
          return .object(members)
        }),
      "successions": .array(
        successions.map {
          .object(["from": .string($0.from.description), "to": .string($0.to.description)])
        }),
    ])
  }

  /// Restores a miner.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place of what is malformed, out of range or
  ///   contradictory; `LogTemplateError.invalidMask` for rules that cannot be used.
  public init(snapshot document: JSONDocument) throws {
    guard try document["format"].integer == 1 else {
      throw try document["format"].expected("format 1, which this version reads")
    }
    let configuration = try Configuration(document["configuration"])
    self.init(configuration)
    let counters = try document["counters"]
    lines = try counters["lines"].count()
    founded = try counters["founded"].count()
    evicted = try counters["evicted"].count()
    merged = try counters["merged"].count()
    overflow = try counters["overflow"].count()
    let next = try counters["next"].count()
    let elements = try document["templates"].elements
    guard elements.count <= configuration.templates else {
      throw try document["templates"].expected("at most \(configuration.templates) templates")
    }
    var numbers: Set<Int> = []
    for element in elements {
      let template = try LogTemplate(element)
      guard !identities.contains(template.id) else {
        throw try element["id"].expected("an identity that appears once")
      }
      nextNumber = try element["founded"].count(below: next)
      guard numbers.insert(nextNumber).inserted else {
        throw try element["founded"].expected("a number that appears once")
      }
      append(template, TemplateWords(template.tokens, level: template.level))
      slots[slots.count - 1].lines = try element["lines"].count()
      slots[slots.count - 1].lastUse = try element["last_use"].count(below: lines + 1)
    }
    nextNumber = next
    let pairs = try document["successions"].elements
    guard pairs.count <= configuration.templates else {
      throw try document["successions"].expected("at most \(configuration.templates) pairs")
    }
    successions = try pairs.map { pair in
      guard let from = TemplateID(try pair["from"].string) else {
        throw try pair["from"].expected("16 hexadecimal digits")
      }
      guard let to = TemplateID(try pair["to"].string) else {
        throw try pair["to"].expected("16 hexadecimal digits")
      }
      return (from, to)
    }
  }
}

extension TemplateMiner.Configuration {
  /// The configuration as JSON: `{"similarity", "crowd_similarity", "crowd", "templates",
  /// "when_full", "rules"}`.
  public var json: JSONValue {
    .object([
      "similarity": .number(similarity), "crowd_similarity": .number(crowdSimilarity),
      "crowd": .integer(crowd), "templates": .integer(templates),
      "when_full": .string(whenFull.rawValue), "rules": rules.json,
    ])
  }

  /// Reads a configuration from JSON; an absent member stands for its default.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place of a value of the wrong kind or out of
  ///   range, `LogTemplateError.invalidMask` for rules that cannot be used.
  public init(_ document: JSONDocument) throws {
    self.init()
    similarity = try document.optional("similarity")?.number ?? similarity
    crowdSimilarity = try document.optional("crowd_similarity")?.number ?? crowdSimilarity
    crowd = try document.optional("crowd")?.integer ?? crowd
    templates = try document.optional("templates")?.integer ?? templates
    if let policy = try document.optional("when_full") {
      guard let known = TemplateMiner.WhenFull(rawValue: try policy.string) else {
        throw policy.expected("'evict' or 'refuse'")
      }
      whenFull = known
    }
    if let rules = try document.optional("rules") { self.rules = try LogMaskRules(rules) }
    if let problem { throw document.expected("a usable configuration: \(problem)") }
  }
}

extension JSONDocument {
  /// A whole number from 0 to below a limit.
  fileprivate func count(below limit: Int = 1 << 53) throws -> Int {
    let value = try integer
    guard (0..<limit).contains(value) else {
      throw expected("a whole number from 0 to below \(limit)")
    }
    return value
  }
}
