public import Telemetry

/// Groups log patterns into templates with a parse tree of fixed depth (Drain).
///
/// He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree" (ICWS
/// 2017). A pattern is led by its severity and number of words, then by its first words, to a small
/// list of templates; there it joins the most similar one, or founds a new one.
///
/// Two things differ from the paper. Words with digits have been masked before, so what still has a
/// digit names a place in the code, and patterns of different places never become one template.
/// And the identity of a template is the hash of its first pattern, not a running number.
public struct TemplateMiner: Sendable {
  /// The parameters of the parse tree.
  public struct Configuration: Hashable, Sendable {
    /// Leading words that choose the list of templates.
    public var prefixLength = 2
    /// Share of words, from 0 to 1, that must be equal for a pattern to join a template.
    public var similarity = 0.5
    /// Different words per node of the tree; further ones share a branch.
    public var branches = 100
    /// Templates in all; patterns that would found further ones are counted and dropped.
    public var templates = 4096

    /// The defaults: two words, half equal, 100 branches, 4096 templates.
    public init() {}
  }

  /// The list of templates that a pattern may join.
  private struct Leaf: Hashable {
    var level: LogLevel
    var length: Int
    var prefix: [String]
  }

  private let configuration: Configuration
  private var templates: [LogTemplate] = []
  private var leaves: [Leaf: [Int]] = [:]
  private var branches: [Leaf: Set<String>] = [:]
  private var identities: Set<TemplateID> = []
  /// Patterns dropped because the number of templates had reached its limit.
  public private(set) var overflow = 0

  /// Starts without templates.
  ///
  /// - Precondition: `similarity` lies in 0...1; the limits are positive, `prefixLength` is not
  ///   negative.
  public init(_ configuration: Configuration = Configuration()) {
    precondition(
      (0...1).contains(configuration.similarity) && configuration.branches > 0
        && configuration.templates > 0 && configuration.prefixLength >= 0,
      "\(configuration)")
    self.configuration = configuration
  }

  /// Adds a pattern and returns the identity of its template; nil when there is no room for it.
  @discardableResult
  public mutating func add(_ pattern: LogPattern) -> TemplateID? {
    let tokens = templateTokens(of: pattern.text)
    let leaf = descend(pattern.level, tokens)
    if let index = mostSimilar(to: tokens, in: leaves[leaf] ?? []) {
      generalize(index, with: tokens)
      return templates[index].id
    }
    let id = TemplateID(of: pattern)
    guard templates.count < configuration.templates, identities.insert(id).inserted else {
      overflow += 1
      return nil
    }
    leaves[leaf, default: []].append(templates.count)
    templates.append(LogTemplate(id: id, level: pattern.level, tokens: tokens))
    return id
  }

  /// The templates so far, in the order of their foundation, as something that never learns.
  public func dictionary() -> TemplateDictionary {
    TemplateDictionary(templates: templates)
  }

  /// Mines patterns in the order of their severity and text, so that the result depends on which
  /// patterns there are, and not on their order.
  public static func mine(
    _ patterns: some Sequence<LogPattern>, configuration: Configuration = Configuration()
  ) -> (dictionary: TemplateDictionary, overflow: Int) {
    var miner = TemplateMiner(configuration)
    let ordered = Set(patterns).sorted {
      $0.level != $1.level
        ? $0.level < $1.level : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
    }
    for pattern in ordered { miner.add(pattern) }
    return (miner.dictionary(), miner.overflow)
  }

  /// Follows a pattern's first words down the tree, growing it where there is room.
  private mutating func descend(_ level: LogLevel, _ tokens: [String]) -> Leaf {
    var leaf = Leaf(level: level, length: tokens.count, prefix: [])
    for token in tokens.prefix(configuration.prefixLength) {
      var branch = token
      if token != LogMask.wildcard, !branches[leaf, default: []].contains(token) {
        if branches[leaf, default: []].count < configuration.branches || isPlace(token) {
          branches[leaf, default: []].insert(token)
        } else {
          branch = LogMask.wildcard
        }
      }
      leaf.prefix.append(branch)
    }
    return leaf
  }

  /// The candidate with the largest share of equal words, of several the one with more wildcards.
  private func mostSimilar(to tokens: [String], in candidates: [Int]) -> Int? {
    var best: (index: Int, equal: Int, wildcards: Int)?
    for index in candidates {
      guard let (equal, wildcards) = compare(templates[index].tokens, tokens) else { continue }
      if let best, (equal, wildcards) <= (best.equal, best.wildcards) { continue }
      best = (index, equal, wildcards)
    }
    guard let best,
      Double(best.equal) >= configuration.similarity * Double(tokens.count)
    else { return nil }
    return best.index
  }

  /// Equal words and wildcards of a template; nil when the two name different places in the code.
  private func compare(_ template: [String], _ tokens: [String]) -> (equal: Int, wildcards: Int)? {
    var (equal, wildcards) = (0, 0)
    for (a, b) in zip(template, tokens) {
      if a == b {
        equal += 1
      } else if isPlace(a) || isPlace(b) {
        return nil
      }
      if a == LogMask.wildcard { wildcards += 1 }
    }
    return (equal, wildcards)
  }

  private mutating func generalize(_ index: Int, with tokens: [String]) {
    for (position, token) in tokens.enumerated()
    where templates[index].tokens[position] != token {
      templates[index].tokens[position] = LogMask.wildcard
    }
  }
}

/// Whether a word of a pattern names a place in the code: nothing else keeps its digits.
private func isPlace(_ token: String) -> Bool { token.utf8.contains(where: isDigit) }
