public import Diagnostics
public import Storage

/// What is masked in a log line: kinds of values that are recognised by hand-written scanning, and
/// named patterns of the user's own.
public struct LogMaskRules: Hashable, Sendable {
  /// Kinds of values that `<*>` can stand for.
  public struct BuiltIn: OptionSet, Hashable, Sendable {
    /// One bit per kind.
    public let rawValue: UInt8
    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Time stamps at the head of a line, which are cut off.
    public static let head = BuiltIn(rawValue: 1)
    /// Words with a digit: numbers, addresses, identifiers, segments of paths. Not call sites.
    public static let numbers = BuiltIn(rawValue: 2)
    /// What stands between quotes.
    public static let quotes = BuiltIn(rawValue: 4)
    /// Names of months and week days in a date.
    public static let calendar = BuiltIn(rawValue: 8)
    /// Long words of hexadecimal letters, and of any letters from 64 on.
    public static let identifiers = BuiltIn(rawValue: 16)
    /// A unit of size or time after a number and a blank.
    public static let units = BuiltIn(rawValue: 32)
    /// Names that have no digit: hosts after a key such as `rhost=`, users after `for user`.
    public static let names = BuiltIn(rawValue: 64)
    /// All kinds, the default.
    public static let all: BuiltIn = [
      .head, .numbers, .quotes, .calendar, .identifiers, .units, .names,
    ]

    static let known: [(name: String, kind: BuiltIn)] = [
      ("head", .head), ("numbers", .numbers), ("quotes", .quotes), ("calendar", .calendar),
      ("identifiers", .identifiers), ("units", .units), ("names", .names),
    ]
  }

  /// A pattern of the user's own, whose matches become `<name>`.
  public struct Named: Hashable, Sendable {
    /// Letters, `-` and `_`, at most 32.
    public let name: String
    /// A regular expression over bytes; see `init(builtIn:named:)`.
    public let expression: String

    /// Makes a rule; it is checked when the set of rules is made.
    public init(name: String, expression: String) {
      (self.name, self.expression) = (name, expression)
    }
  }

  /// The built-in kinds in use.
  public let builtIn: BuiltIn
  /// The user's own patterns; they come before built-in ones, and the longest match wins, of equally
  /// long ones the first.
  public let named: [Named]
  let automaton: MaskAutomaton?

  /// The built-in rules.
  public init(builtIn: BuiltIn = .all) {
    (self.builtIn, named, automaton) = (builtIn, [], nil)
  }

  /// Rules with patterns of the user's own.
  ///
  /// Expressions know literals, `.`, classes such as `[^a-f_]`, `\d`, `\w`, `\` before punctuation,
  /// groups, `|` and the quantifiers `* + ? {m} {m,} {m,n}`. They match whole words or words with
  /// punctuation between them, never blanks, `<` or `>`, in a time that grows with the line alone.
  ///
  /// - Throws: `LogTemplateError.invalidMask` for a malformed name or expression, one that matches
  ///   nothing at all, or rules that are too large together.
  public init(builtIn: BuiltIn = .all, named: [Named]) throws(LogTemplateError) {
    (self.builtIn, self.named) = (builtIn, named)
    automaton = named.isEmpty ? nil : try MaskAutomaton(named)
  }

  /// Rules are equal when they say the same.
  public static func == (a: LogMaskRules, b: LogMaskRules) -> Bool {
    a.builtIn == b.builtIn && a.named == b.named
  }

  /// Hashes what the rules say.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(builtIn)
    hasher.combine(named)
  }

  /// The rules as JSON: `{"built_in": ["head", …], "named": [{"name", "expression"}]}`.
  public var json: JSONValue {
    .object([
      "built_in": .array(
        BuiltIn.known.filter { builtIn.contains($0.kind) }.map { .string($0.name) }),
      "named": .array(
        named.map {
          .object(["name": .string($0.name), "expression": .string($0.expression)])
        }),
    ])
  }

  /// Reads rules from JSON; an absent `built_in` stands for all kinds, an absent `named` for none.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place of an unknown kind,
  ///   `LogTemplateError.invalidMask` for what `init(builtIn:named:)` refuses.
  public init(_ document: JSONDocument) throws {
    var builtIn = BuiltIn.all
    if let kinds = try document.optional("built_in") {
      builtIn = []
      for element in try kinds.elements {
        let name = try element.string
        guard let known = BuiltIn.known.first(where: { $0.name == name }) else {
          let names = BuiltIn.known.map { $0.name }.joined(separator: ", ")
          throw element.expected("one of \(names)")
        }
        builtIn.insert(known.kind)
      }
    }
    let named = try document.optional("named")?.elements.map {
      Named(name: try $0["name"].string, expression: try $0["expression"].string)
    }
    try self.init(builtIn: builtIn, named: named ?? [])
  }
}

/// Why templates cannot be mined as configured.
public enum LogTemplateError: DiagnosedError, Equatable {
  /// A rule for masking is malformed.
  case invalidMask(name: String, reason: String)

  /// The exit code's meaning.
  public var kind: FailureKind { .invalidInput }

  /// One line: which rule, what is wrong, and what to do about it.
  public var description: String {
    switch self {
    case .invalidMask(let name, let reason): "log mask '\(name)': \(reason)"
    }
  }
}
