public import LogTemplates
public import Telemetry

/// Channels made from a service's logs: lines by severity, lines of unknown templates, and lines of
/// the templates that are common in the fit window. All as ln(1 + lines).
///
/// The dictionary is frozen at the end of the fit window; later lines are only matched.
public struct LogChannels: Hashable, Sendable {
  /// Templates known at the end of the fit window.
  public var dictionary: TemplateDictionary
  /// Indices into the dictionary of the templates with a channel each.
  public var tracked: [Int]

  /// Makes channels from their parts.
  public init(dictionary: TemplateDictionary, tracked: [Int]) {
    (self.dictionary, self.tracked) = (dictionary, tracked)
  }

  private static let fixedNames = [
    "log_lines", "log_warnings", "log_errors", "log_unknown_templates",
  ]

  /// Channel names in order.
  public var names: [String] {
    Self.fixedNames + tracked.map { "log_template{id=\"\(dictionary.templates[$0].id)\"}" }
  }

  /// Learns the channels from the cells of the fit window.
  ///
  /// - Parameters:
  ///   - activity: The service's logs.
  ///   - isFitted: Per grid cell, whether it belongs to the fit window.
  ///   - limit: The largest number of tracked templates.
  ///   - rules: What has been masked in the lines.
  /// - Returns: Nil when no cell of the fit window had its logs recorded.
  public static func fit(
    _ activity: LogActivity, isFitted: [Bool], limit: Int, rules: LogMaskRules = LogMaskRules()
  ) -> LogChannels? {
    guard zip(activity.recorded, isFitted).contains(where: { $0 && $1 }) else { return nil }
    let seen = Set(
      activity.counts.lazy.filter { isFitted[$0.row] && activity.recorded[$0.row] }.map(\.pattern))
    // What the miner has no room for is counted with the unknown templates.
    var configuration = TemplateMiner.Configuration()
    configuration.rules = rules
    let dictionary = TemplateMiner.mine(
      seen.map { activity.patterns[$0] }, configuration: configuration
    ).dictionary
    var lines = Array(repeating: 0, count: dictionary.templates.count)
    for count in activity.counts where isFitted[count.row] && activity.recorded[count.row] {
      if let template = dictionary.match(activity.patterns[count.pattern]) {
        lines[template] += count.lines
      }
    }
    let ranked = lines.indices.filter { lines[$0] > 0 }
      .sorted {
        (lines[$1], dictionary.templates[$0].id.value) < (
          lines[$0], dictionary.templates[$1].id.value
        )
      }
    return LogChannels(dictionary: dictionary, tracked: Array(ranked.prefix(limit)))
  }

  /// Starts reading cells.
  public func reader() -> Reader { Reader(channels: self) }

  /// Turns the lines of a cell into channel values and remembers which pattern is which template.
  public struct Reader: Sendable {
    /// Patterns remembered at most; beyond it the memory starts anew.
    private static let memoryLimit = 65_536

    private let channels: LogChannels
    private let channelOfTemplate: [Int: Int]
    private var memory: [LogPattern: Int?] = [:]

    init(channels: LogChannels) {
      self.channels = channels
      channelOfTemplate = Dictionary(
        channels.tracked.enumerated().map { ($1, LogChannels.fixedNames.count + $0) },
        uniquingKeysWith: { first, _ in first })
    }

    /// The channel values of one cell, [names.count]; all NaN when logs were not recorded.
    public mutating func read(_ lines: [(pattern: LogPattern, lines: Int)]?) -> [Double] {
      values(of: cell(lines))
    }

    /// The lines of one cell, counted; nil when logs were not recorded.
    mutating func cell(
      _ lines: [(pattern: LogPattern, lines: Int)]?,
      _ transitions: [(from: LogPattern, to: LogPattern, lines: Int)]? = nil
    ) -> LogCell? {
      guard let lines else { return nil }
      let unknown = channels.dictionary.templates.count
      var cell = LogCell()
      var counts: [Int: Int] = [:]
      for (pattern, count) in lines {
        cell.levels[pattern.level.rawValue] += count
        counts[template(of: pattern) ?? unknown, default: 0] += count
      }
      for (from, to, count) in transitions ?? [] {
        cell.transitions.append(
          LogCell.Transition(
            from: template(of: from) ?? unknown, to: template(of: to) ?? unknown, lines: count))
      }
      cell.templates = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      return cell
    }

    /// The channel values of a counted cell, [names.count]; all NaN when logs were not recorded.
    func values(of cell: LogCell?) -> [Double] {
      let width = LogChannels.fixedNames.count + channels.tracked.count
      guard let cell else { return Array(repeating: .nan, count: width) }
      var totals = Array(repeating: 0, count: width)
      totals[0] = cell.levels.reduce(0, +)
      totals[1] = cell.levels[LogLevel.warning.rawValue]
      totals[2] = cell.errors
      for (template, count) in cell.templates {
        if template == channels.dictionary.templates.count {
          totals[3] = count
        } else if let channel = channelOfTemplate[template] {
          totals[channel] = count
        }
      }
      return totals.map { logOfOnePlus(Double($0)) }
    }

    private mutating func template(of pattern: LogPattern) -> Int? {
      if let known = memory[pattern] { return known }
      if memory.count >= Self.memoryLimit { memory.removeAll(keepingCapacity: true) }
      let template = channels.dictionary.match(pattern)
      memory.updateValue(template, forKey: pattern)
      return template
    }
  }
}
