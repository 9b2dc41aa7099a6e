public import LogTemplates
public import Storage
public import Telemetry

/// The log detector `request_invariants`: how many requests lack lines that belong to them.
///
/// Fitted on training cells of one service alone. See `RequestInvariants`.
public struct RequestInvariantModel: Hashable, Sendable {
  /// The detector's name.
  public static let name = "request_invariants"
  /// The format of `json`.
  public static let format = "autopilotops.request-invariants/1"

  /// What knows the templates.
  public var dictionary: TemplateDictionary
  /// Which lines belong together; the numbers are the dictionary's.
  public var invariants: RequestInvariants

  /// Makes a model from its parts.
  public init(dictionary: TemplateDictionary, invariants: RequestInvariants) {
    (self.dictionary, self.invariants) = (dictionary, invariants)
  }

  /// Fits a model.
  ///
  /// - Parameters:
  ///   - cells: Per grid cell its lines in the order of time, by pattern; nil where logs were not
  ///     recorded.
  ///   - patterns: What the lines' numbers stand for.
  ///   - grid: The cells.
  ///   - isFitted: Per grid cell, whether it belongs to the training; what lies beyond is as if it
  ///     had not been recorded.
  /// - Returns: Nil when no lines belong together.
  public init?(
    fitting cells: [[TracedLine]?], patterns: [LogPattern], grid: TimeGrid, isFitted: [Bool],
    rules: LogMaskRules = LogMaskRules()
  ) {
    precondition(
      cells.count == grid.count && isFitted.count == grid.count,
      "\(cells.count) cells and \(isFitted.count) flags for a grid of \(grid.count)")
    let fitted = zip(cells, isFitted).map { cell, isFitted in isFitted ? cell : nil }
    var configuration = TemplateMiner.Configuration()
    configuration.rules = rules
    let seen = Set(fitted.lazy.flatMap { $0 ?? [] }.map(\.number))
    let dictionary = TemplateMiner.mine(
      seen.map { patterns[$0] }, configuration: configuration
    ).dictionary
    var templates = TemplateNumbers(dictionary: dictionary)
    var tracker = RequestTracker(interval: grid.interval)
    var requests: [LogRequest] = []
    for (cell, lines) in fitted.enumerated() {
      requests += tracker.push(
        lines.map { templates.known($0, patterns: patterns) }, endingAt: grid.timestamp(at: cell))
    }
    let invariants = RequestInvariants(fitting: requests)
    guard !invariants.pairs.isEmpty else { return nil }
    self.init(dictionary: dictionary, invariants: invariants)
  }

  /// Starts scoring the service's cells.
  public func scorer(interval: TimeSpan) -> RequestInvariantScorer {
    RequestInvariantScorer(model: self, interval: interval)
  }
}

extension RequestInvariantModel {
  /// The model as JSON: the dictionary, and invariants as [first, second, first factor, second
  /// factor].
  public var json: JSONValue {
    [
      "format": .string(Self.format), "templates": dictionary.json,
      "invariants": .array(
        invariants.pairs.map {
          .array([$0.first, $0.second, $0.firstFactor, $0.secondFactor].map(JSONValue.integer))
        }),
    ]
  }

  /// Reads a model.
  ///
  /// - Throws: `StorageError.unexpectedShape` for another format, or numbers that cannot be.
  public init(json document: JSONDocument) throws {
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)', which this version reads")
    }
    dictionary = try TemplateDictionary(document["templates"])
    let templates = dictionary.templates.count
    var pairs: [RequestInvariants.Pair] = []
    for element in try document["invariants"].elements {
      let numbers = try element.elements.map { try $0.integer }
      let factors = 1...RequestInvariants.largestFactor
      guard numbers.count == 4, 0 <= numbers[0], numbers[0] < numbers[1], numbers[1] < templates,
        factors.contains(numbers[2]), factors.contains(numbers[3]),
        pairs.last.map({ ($0.first, $0.second) < (numbers[0], numbers[1]) }) ?? true
      else {
        throw element.expected(
          "two template numbers and two factors up to \(factors.upperBound), all ascending")
      }
      pairs.append(
        RequestInvariants.Pair(
          first: numbers[0], second: numbers[1], firstFactor: numbers[2],
          secondFactor: numbers[3]))
    }
    invariants = RequestInvariants(pairs: pairs)
  }
}

/// What the requests of a cell amount to.
public struct RequestInvariantScore: Hashable, Sendable {
  /// A pair of templates that belong together, and requests in which they do not.
  public struct Violation: Hashable, Sendable {
    /// The place of the pair in the model's invariants.
    public var invariant: Int
    /// Requests, at least 1.
    public var requests: Int

    /// Makes a violation.
    public init(invariant: Int, requests: Int) {
      (self.invariant, self.requests) = (invariant, requests)
    }
  }

  /// Requests that ended in the cell.
  public var requests: Int
  /// Those of them that break an invariant.
  public var broken: Int
  /// Which invariants, the most often broken first.
  public var violations: [Violation]

  /// Makes a score from its parts.
  public init(requests: Int, broken: Int, violations: [Violation]) {
    (self.requests, self.broken, self.violations) = (requests, broken, violations)
  }

  /// The share of requests that break an invariant, as if two more had kept them all: one request
  /// alone is no evidence.
  public var score: Float { Float(broken) / Float(requests + 2) }
}

/// Scores the cells of a service in the order of time, in bounded memory.
public struct RequestInvariantScorer: Sendable {
  private let invariants: RequestInvariants
  private var tracker: RequestTracker
  private var templates: TemplateNumbers

  init(model: RequestInvariantModel, interval: TimeSpan) {
    invariants = model.invariants
    tracker = RequestTracker(interval: interval)
    templates = TemplateNumbers(dictionary: model.dictionary)
  }

  /// Takes the next cell.
  ///
  /// - Parameters:
  ///   - lines: Its lines in the order of time; nil where logs were not recorded.
  ///   - patterns: What the lines' numbers stand for.
  ///   - end: The cell's end.
  /// - Returns: Nil where logs were not recorded.
  public mutating func push(
    _ lines: [TracedLine]?, patterns: [LogPattern], endingAt end: Timestamp
  ) -> RequestInvariantScore? {
    let requests = tracker.push(
      lines.map { templates.known($0, patterns: patterns) }, endingAt: end)
    guard lines != nil else { return nil }
    var (broken, violations) = (0, [Int: Int]())
    for request in requests {
      let pairs = invariants.broken(by: request)
      if !pairs.isEmpty { broken += 1 }
      for pair in pairs { violations[pair, default: 0] += 1 }
    }
    return RequestInvariantScore(
      requests: requests.count, broken: broken,
      violations: violations.map { .init(invariant: $0.key, requests: $0.value) }
        .sorted { ($1.requests, $0.invariant) < ($0.requests, $1.invariant) })
  }
}

/// Which template a pattern is, remembered.
private struct TemplateNumbers: Sendable {
  /// Patterns remembered at most; beyond it the memory starts anew.
  private static let limit = 65_536

  let dictionary: TemplateDictionary
  private var memory: [LogPattern: Int?] = [:]

  init(dictionary: TemplateDictionary) { self.dictionary = dictionary }

  /// The lines whose template is known, by template.
  mutating func known(_ lines: [TracedLine], patterns: [LogPattern]) -> [TracedLine] {
    lines.compactMap { line in
      template(of: patterns[line.number]).map {
        TracedLine(time: line.time, trace: line.trace, number: $0)
      }
    }
  }

  private mutating func template(of pattern: LogPattern) -> Int? {
    if let known = memory[pattern] { return known }
    if memory.count >= Self.limit { memory.removeAll(keepingCapacity: true) }
    let template = dictionary.match(pattern)
    memory.updateValue(template, forKey: pattern)
    return template
  }
}
