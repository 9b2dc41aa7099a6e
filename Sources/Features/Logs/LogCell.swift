internal import Telemetry

/// The log lines of one service in one cell, counted.
struct LogCell: Sendable {
  /// Lines by severity, [LogLevel.allCases].
  var levels = [Int](repeating: 0, count: LogLevel.allCases.count)
  /// Lines by template, each at least 1, ascending by the template's number. The number after that
  /// of the last template stands for all lines of no known template.
  var templates: [(number: Int, lines: Int)] = []

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
  }
}
