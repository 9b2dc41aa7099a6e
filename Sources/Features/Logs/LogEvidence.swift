internal import LogTemplates
public import Telemetry

/// The log lines behind a cell's score: what a service logged in the time that the cell's features
/// look at.
///
/// A dataset keeps no raw lines, and the streams of a service's pods are one; so the samples are
/// masked lines.
public struct LogEvidence: Hashable, Sendable {
  /// Sample lines of a template at most.
  public static let sampleLimit = 3
  /// Transitions at most.
  public static let transitionLimit = 10

  /// The lines of one template, or of all that is of no known template.
  public struct Template: Hashable, Sendable {
    /// The template's identity, 16 hexadecimal digits; nil for lines of no known template.
    public var id: String?
    /// The template's words; empty for lines of no known template.
    public var text: String
    /// How many lines there are.
    public var lines: Int
    /// The end of the first cell with such lines.
    public var first: Timestamp
    /// The end of the last cell with such lines.
    public var last: Timestamp
    /// Masked lines, the commonest first, at most `sampleLimit`.
    public var samples: [LogPattern]
  }

  /// Two templates whose counts have left their ratio.
  public struct BrokenInvariant: Hashable, Sendable {
    /// The words of the first template.
    public var first: String
    /// The words of the second template.
    public var second: String
    /// The ratio that held in training: lines of the first to lines of the second.
    public var ratio: (first: Int, second: Int) { (invariant.secondFactor, invariant.firstFactor) }
    /// Lines missing from it, counted in the rarer template.
    public var missing: Double
    private let invariant: CountInvariant

    init(_ invariant: CountInvariant, templates: [LogTemplate], missing: Double) {
      first = templates[invariant.first].text
      second = templates[invariant.second].text
      (self.invariant, self.missing) = (invariant, missing)
    }
  }

  /// A template that came right after another in a stream.
  public struct Transition: Hashable, Sendable {
    /// The words of the earlier template; empty for lines of no known template.
    public var from: String
    /// The words of the later template; empty for lines of no known template.
    public var to: String
    /// How surprising it is, −log₂ of its probability in training.
    public var bits: Double
    /// How often it came.
    public var lines: Int
    /// How often it came in training.
    public var training: Int
  }

  /// The service whose logs these are.
  public var service: String
  /// The time looked at, whole cells.
  public var range: TimeRange
  /// Cells of it whose logs were recorded.
  public var recordedCells: Int
  /// Templates: what is not known first, then the commonest.
  public var templates: [Template]
  /// Pairs of templates that miss lines, most lines first; empty when no feature looks at them.
  public var broken: [BrokenInvariant]
  /// What followed what, the most surprising first, at most `transitionLimit`; empty when no feature
  /// looks at it or the order of lines is not known.
  public var surprising: [Transition]
}

extension FeatureModel {
  /// The log lines that a cell's features look at.
  ///
  /// - Parameters:
  ///   - frame: The telemetry of a service.
  ///   - cell: The cell, an index into the grid.
  ///   - cells: Cells to look at, the last of them `cell`; nil for as many as the farthest-reaching
  ///     feature does.
  /// - Returns: Nil when the model reads no logs of the service, or the frame has none.
  /// - Precondition: `cell` is a cell of the grid, `cells` positive.
  public func logEvidence(
    in frame: ServiceFrame, grid: TimeGrid, cell: Int, cells: Int? = nil
  ) -> LogEvidence? {
    let length = cells ?? definition.historyLength
    precondition(
      (0..<grid.count).contains(cell) && length > 0,
      "cell \(cell) of \(grid.count), \(length) cells")
    guard let service = service(named: frame.service), let channels = service.logs,
      let logs = frame.logs
    else { return nil }
    let rows = max(0, cell - length + 1)...cell
    let unknown = channels.dictionary.templates.count
    var groups: [Int: [LogActivity.Count]] = [:]
    for count in logs.counts where rows.contains(count.row) && logs.recorded[count.row] {
      let template = channels.dictionary.match(logs.patterns[count.pattern]) ?? unknown
      groups[template, default: []].append(count)
    }
    var totals = Array(repeating: 0, count: unknown + 1)
    for (template, counts) in groups { totals[template] = counts.reduce(0) { $0 + $1.lines } }
    let order = groups.keys.sorted { a, b in
      a == unknown || b == unknown ? a == unknown : (totals[b], a) < (totals[a], b)
    }
    let broken = (service.logProfile?.invariants ?? []).map {
      LogEvidence.BrokenInvariant(
        $0, templates: channels.dictionary.templates, missing: $0.missing(in: totals))
    }
    return LogEvidence(
      service: frame.service,
      range: TimeRange(
        start: grid.timestamp(at: rows.lowerBound) - grid.interval, end: grid.timestamp(at: cell)),
      recordedCells: rows.count { logs.recorded[$0] },
      templates: order.map { template in
        LogEvidence.Template(
          groups[template] ?? [], of: logs, grid: grid,
          template: template == unknown ? nil : channels.dictionary.templates[template])
      },
      broken: broken.enumerated().filter { $0.element.missing > 0 }
        .sorted { ($1.element.missing, $0.offset) < ($0.element.missing, $1.offset) }
        .map(\.element),
      surprising: service.surprisingTransitions(in: logs, rows: rows))
  }
}

extension ServiceFeatureModel {
  /// The transitions of some cells that training makes least likely.
  fileprivate func surprisingTransitions(
    in logs: LogActivity, rows: ClosedRange<Int>
  ) -> [LogEvidence.Transition] {
    guard let model = logProfile?.transitions, let dictionary = self.logs?.dictionary else {
      return []
    }
    let unknown = dictionary.templates.count
    let surprise = TransitionSurprise(model, width: unknown + 1)
    func text(_ template: Int) -> String {
      template == unknown ? "" : dictionary.templates[template].text
    }
    var lines: [[Int]: Int] = [:]
    for next in logs.transitions ?? [] where rows.contains(next.row) && logs.recorded[next.row] {
      let pair = [next.from, next.to].map { dictionary.match(logs.patterns[$0]) ?? unknown }
      lines[pair, default: 0] += next.lines
    }
    return lines.map { (pair: $0.key, lines: $0.value, bits: surprise.bits($0.key[0], $0.key[1])) }
      .sorted {
        ($1.bits, $1.lines, $0.pair[0], $0.pair[1]) < ($0.bits, $0.lines, $1.pair[0], $1.pair[1])
      }
      .prefix(LogEvidence.transitionLimit).map {
        LogEvidence.Transition(
          from: text($0.pair[0]), to: text($0.pair[1]), bits: $0.bits, lines: $0.lines,
          training: surprise.training($0.pair[0], $0.pair[1]))
      }
  }
}

extension LogEvidence.Template {
  fileprivate init(
    _ counts: [LogActivity.Count], of logs: LogActivity, grid: TimeGrid, template: LogTemplate?
  ) {
    var lines: [Int: Int] = [:]
    for count in counts { lines[count.pattern, default: 0] += count.lines }
    let rows = counts.map(\.row)
    self.init(
      id: template?.id.description, text: template?.text ?? "",
      lines: lines.values.reduce(0, +), first: grid.timestamp(at: rows.min() ?? 0),
      last: grid.timestamp(at: rows.max() ?? 0),
      samples: lines.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(LogEvidence.sampleLimit).map { logs.patterns[$0.key] })
  }
}
