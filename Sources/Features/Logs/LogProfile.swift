internal import LogTemplates
public import Telemetry

/// What is usual in a service's logs: how common each template is, and which belong together.
/// Fitted on the training cells alone.
public struct LogProfile: Hashable, Sendable {
  /// Lines by template, those of no known template last, [templates + 1].
  public var lines: [Int]
  /// Templates whose counts keep a fixed ratio.
  public var invariants: [CountInvariant]
  /// What follows what; nil when no feature needs it.
  public var transitions: TransitionModel?

  /// Makes a profile from its parts.
  public init(
    lines: [Int], invariants: [CountInvariant], transitions: TransitionModel? = nil
  ) {
    (self.lines, self.invariants, self.transitions) = (lines, invariants, transitions)
  }

  /// Fits a profile.
  ///
  /// - Parameters:
  ///   - activity: The service's logs.
  ///   - channels: What knows the templates.
  ///   - isFitted: Per grid cell, whether it belongs to the fit window; of these only cells with
  ///     recorded logs count.
  ///   - learnsTransitions: Whether to learn what follows what.
  public init(
    fitting activity: LogActivity, channels: LogChannels, isFitted: [Bool],
    learnsTransitions: Bool = false
  ) {
    let unknown = channels.dictionary.templates.count
    var templates: [Int?] = Array(repeating: nil, count: activity.patterns.count)
    var cells: [Int: [Int: Int]] = [:]
    for count in activity.counts where isFitted[count.row] && activity.recorded[count.row] {
      let template =
        templates[count.pattern]
        ?? channels.dictionary.match(activity.patterns[count.pattern]) ?? unknown
      templates[count.pattern] = template
      cells[template, default: [:]][count.row, default: 0] += count.lines
    }
    lines = (0...unknown).map { cells[$0]?.values.reduce(0, +) ?? 0 }
    cells[unknown] = nil
    invariants = CountInvariant.find(
      in: cells.sorted { $0.key < $1.key }.map { template, counts in
        TemplateCounts(
          template: template, cells: counts.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
      })
    if learnsTransitions {
      transitions = TransitionModel(fitting: activity, channels: channels, isFitted: isFitted)
    }
  }

  /// −ln p of every template and of lines of no known template, [templates + 1], where
  /// p = (lines + 1) / (lines of all + templates + 1): what was never seen is rare, not impossible.
  var surprise: [Double] {
    let all = Double(lines.reduce(0, +) + lines.count)
    return lines.map { -naturalLogarithm(Double($0 + 1) / all) }
  }
}
