internal import Telemetry

/// The log lines of one service in one cell, counted.
struct LogCell: Sendable {
  /// Lines by severity, [LogLevel.allCases].
  var levels = [Int](repeating: 0, count: LogLevel.allCases.count)
  /// Lines by template, each at least 1, ascending by the template's number. The number after that
  /// of the last template stands for all lines of no known template.
  var templates: [(number: Int, lines: Int)] = []

  /// Templates that followed each other in a stream.
  struct Transition: Sendable {
    var from: Int
    var to: Int
    /// Pairs of lines, at least 1.
    var lines: Int
  }

  /// How surprising what followed what was.
  struct Surprise: Sendable {
    /// The most of anything in a cell, so that snapshots hold it as whole doubles.
    static let limit = 1 << 50

    /// Pairs of lines.
    var pairs = 0
    /// Pairs of lines whose templates never followed each other in training.
    var unseen = 0
    /// Σ −log₂ P over the pairs, in units of `TransitionSurprise.unit`.
    var bits = 0
    /// The largest −log₂ P, in the same units.
    var most = 0

    /// Adds pairs of one kind.
    mutating func add(lines: Int, bits: Int, isSeen: Bool) {
      func sum(_ total: Int, _ more: Int) -> Int { min(Self.limit, total + min(Self.limit, more)) }
      let (product, overflow) = bits.multipliedReportingOverflow(by: lines)
      pairs = sum(pairs, lines)
      if !isSeen { unseen = sum(unseen, lines) }
      self.bits = sum(self.bits, overflow ? Self.limit : product)
      most = max(most, bits)
    }
  }

  /// What followed what; emptied once it is summed up.
  var transitions: [Transition] = []
  /// What it amounts to.
  var surprise = Surprise()

  /// Lines of the severity `error`.
  var errors: Int { levels[LogLevel.error.rawValue] }
}

/// The same over the last cells of a service: whole numbers, so that adding and taking away leaves
/// no trace.
struct LogWindow: Sendable {
  /// The window in cells.
  let length: Int
  /// Cells whose logs were recorded.
  private(set) var recorded = 0
  /// Lines by severity, [LogLevel.allCases].
  private(set) var levels = [Int](repeating: 0, count: LogLevel.allCases.count)
  /// Lines by template, those of no known template last, [templates + 1].
  private(set) var templates: [Int]
  /// Pairs of lines that follow each other, those of them that training did not have, and their
  /// surprise in units of `TransitionSurprise.unit`.
  private(set) var pairs = 0
  private(set) var unseen = 0
  private(set) var bits = 0

  init(length: Int, templates: Int) {
    self.length = length
    self.templates = Array(repeating: 0, count: templates + 1)
  }

  /// Lines in all.
  var lines: Int { levels.reduce(0, +) }

  /// Whether the window has enough cells for a result: half of them.
  var isEnough: Bool { recorded > 0 && recorded * 2 >= length }

  mutating func add(_ cell: LogCell?) { count(cell, sign: 1) }

  mutating func remove(_ cell: LogCell?) { count(cell, sign: -1) }

  private mutating func count(_ cell: LogCell?, sign: Int) {
    guard let cell else { return }
    recorded += sign
    for (level, lines) in cell.levels.enumerated() { levels[level] += sign * lines }
    for (number, lines) in cell.templates { templates[number] += sign * lines }
    // Forged numbers may wrap around, and back when they leave.
    pairs &+= sign * cell.surprise.pairs
    unseen &+= sign * cell.surprise.unseen
    bits &+= sign * cell.surprise.bits
  }
}
