/// Severity of a log line, in rising order.
public enum LogLevel: Int, Sendable, CaseIterable, Comparable {
  /// The line does not say.
  case unknown = 0
  /// Trace and debug.
  case debug
  /// Informational.
  case info
  /// Warning.
  case warning
  /// Error, critical, fatal.
  case error

  /// Whether a level is less severe.
  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// A log line with its variable parts masked.
public struct LogPattern: Hashable, Sendable {
  /// The masked text.
  public var text: String
  /// The severity of the lines.
  public var level: LogLevel

  /// Makes a pattern.
  public init(text: String, level: LogLevel) { (self.text, self.level) = (text, level) }
}

/// What a service wrote to its logs, counted per grid cell and pattern.
public struct LogActivity: Hashable, Sendable {
  /// How often one pattern appeared in one cell.
  public struct Count: Hashable, Sendable {
    /// Grid cell.
    public var row: Int
    /// Index into `patterns`.
    public var pattern: Int
    /// Lines, at least 1.
    public var lines: Int

    /// Makes a count.
    public init(row: Int, pattern: Int, lines: Int) {
      (self.row, self.pattern, self.lines) = (row, pattern, lines)
    }
  }

  /// How often a line of one pattern came right after a line of another, by the cell of the later
  /// line.
  public struct Transition: Hashable, Sendable {
    /// Grid cell of the later line.
    public var row: Int
    /// Pattern of the earlier line, an index into `patterns`.
    public var from: Int
    /// Pattern of the later line, an index into `patterns`.
    public var to: Int
    /// Pairs of lines, at least 1.
    public var lines: Int

    /// Makes a transition.
    public init(row: Int, from: Int, to: Int, lines: Int) {
      (self.row, self.from, self.to, self.lines) = (row, from, to, lines)
    }
  }

  /// Distinct patterns, in order of first appearance.
  public var patterns: [LogPattern]
  /// Ascending by row, then by pattern; cells without lines are absent.
  public var counts: [Count]
  /// Per grid cell, whether logs were being recorded at all. False means missing, not silent.
  public var recorded: [Bool]
  /// Which pattern follows which within one stream, ascending by row, `from` and `to`; nil when the
  /// order of lines is not known.
  public var transitions: [Transition]?

  /// Makes log activity over a grid of `recorded.count` cells.
  public init(
    patterns: [LogPattern], counts: [Count], recorded: [Bool], transitions: [Transition]? = nil
  ) {
    (self.patterns, self.counts, self.recorded) = (patterns, counts, recorded)
    self.transitions = transitions
  }
}
