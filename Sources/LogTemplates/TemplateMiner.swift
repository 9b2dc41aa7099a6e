public import Telemetry

/// Groups log patterns into templates as they come, in bounded memory.
///
/// After Drain (He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth
/// Tree", ICWS 2017): a pattern is led by its severity and number of words to a list of templates;
/// there it joins the most similar one, or founds a new one. What differs from the paper:
///
/// - The call sites a pattern names lead to the list, not its first words: patterns of different
///   places in the code never become one template.
/// - Only words that are text count for similarity, since masking has found most values before. So
///   a sentence must agree in nearly all words, or in `crowdSimilarity` of them once `crowd`
///   templates do: many sentences alike are one sentence with a free word.
/// - A pattern that a template covers belongs to the most specific such template, and a template
///   that becomes general enough to cover others takes them in.
///
/// The identity of a template is the hash of the pattern that founded it. It stays when the template
/// becomes more general; of templates that become one, the identity of the oldest stays, and
/// `successor(of:)` knows where the others went.
public struct TemplateMiner: Sendable {
  let configuration: Configuration
  var slots: [Slot] = []
  /// Slots by `TemplateWords.group`, the lists of templates that a pattern may join.
  var groups: [UInt64: [Int]] = [:]
  var identities: Set<TemplateID> = []
  /// Identities that ended in another template, oldest first, at most as many as templates.
  var successions: [(from: TemplateID, to: TemplateID)] = []
  /// The number of the next template in the order of foundation.
  var nextNumber = 0
  private var stamps = 0
  private var reader: LineReader
  private var cache = PatternCache()

  /// Lines or patterns seen.
  public internal(set) var lines = 0
  /// Templates founded, of which some may be gone.
  public internal(set) var founded = 0
  /// Templates dropped because others were used more recently.
  public internal(set) var evicted = 0
  /// Templates that became part of more general ones.
  public internal(set) var merged = 0
  /// Lines or patterns refused because the number of templates had reached its limit.
  public internal(set) var overflow = 0

  /// Starts without templates.
  ///
  /// - Precondition: The similarities lie in 0...1, the limits are positive.
  public init(_ configuration: Configuration = Configuration()) {
    precondition(configuration.problem == nil, configuration.problem ?? "")
    self.configuration = configuration
    reader = LineReader(rules: configuration.rules)
  }

  /// Starts with the templates of an earlier mining, so that their identities live on.
  ///
  /// - Precondition: As for `init(_:)`; the dictionary has at most `configuration.templates`.
  public init(
    _ configuration: Configuration = Configuration(), continuing dictionary: TemplateDictionary
  ) {
    self.init(configuration)
    precondition(
      dictionary.templates.count <= configuration.templates,
      "\(dictionary.templates.count) templates, room for \(configuration.templates)")
    for template in dictionary.templates {
      append(template, TemplateWords(template.tokens, level: template.level))
    }
  }

  /// Adds a line in UTF-8 and returns the identity of its template; nil when there is no room.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  @discardableResult
  public mutating func add(
    line: Span<UInt8>, fallback: LogLevel = .unknown
  ) -> TemplateID? {
    reader.read(line, fallback: fallback)
    let level = reader.level
    let hash = hashOf(reader.pattern, seed: UInt64(level.rawValue))
    let place = cache.place(of: reader.pattern, hash, level)
    if let entry = cache[place], Int(entry.number) < slots.count,
      slots[Int(entry.number)].stamp == entry.stamp
    {
      lines += 1
      use(Int(entry.number))
      return slots[Int(entry.number)].template.id
    }
    guard let slot = learn(LogPattern(text: reader.text, level: level)) else { return nil }
    let pattern = reader.copy
    cache.set(place, pattern.span, hash, level, number: Int32(slot), stamp: slots[slot].stamp)
    return slots[slot].template.id
  }

  /// Adds the lines of a text, which line breaks end, and hands each one's template to `body`.
  ///
  /// - Parameter fallback: The severity of lines that name none.
  public mutating func add(
    lines text: Span<UInt8>, fallback: LogLevel = .unknown, _ body: (TemplateID?) -> Void
  ) {
    var start = 0
    while start < text.count {
      let end = firstIndex(of: 0x0A, in: text, from: start)
      body(add(line: text.extracting(start..<end), fallback: fallback))
      start = end + 1
    }
  }

  /// Adds a pattern and returns the identity of its template; nil when there is no room for it.
  @discardableResult
  public mutating func add(_ pattern: LogPattern) -> TemplateID? {
    learn(pattern).map { slots[$0].template.id }
  }

  /// The templates so far, oldest first, as something that never learns.
  public func dictionary() -> TemplateDictionary {
    TemplateDictionary(
      templates: slots.sorted { $0.founded < $1.founded }.map { $0.template },
      rules: configuration.rules)
  }

  /// The identity that took over from one that is gone; nil when none did, or too long ago.
  public func successor(of id: TemplateID) -> TemplateID? {
    successions.last { $0.from == id }?.to
  }

  /// Mines patterns in the order of their severity and text, so that the result depends on which
  /// patterns there are, and not on their order. What there is no room for is refused.
  public static func mine(
    _ patterns: some Sequence<LogPattern>, configuration: Configuration = Configuration()
  ) -> (dictionary: TemplateDictionary, overflow: Int) {
    var configuration = configuration
    configuration.whenFull = .refuse
    var miner = TemplateMiner(configuration)
    let ordered = Set(patterns).sorted {
      $0.level != $1.level
        ? $0.level < $1.level : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
    }
    for pattern in ordered { miner.add(pattern) }
    return (miner.dictionary(), miner.overflow)
  }

  /// Makes what is remembered about patterns of a group doubtful.
  mutating func touch(_ group: UInt64) {
    // A stamp that no group had before.
    stamps += 1
    for slot in groups[group] ?? [] { slots[slot].stamp = stamps }
  }
}
