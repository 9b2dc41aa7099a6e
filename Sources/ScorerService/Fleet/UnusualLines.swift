internal import Features
internal import LinearAlgebra
internal import LogTemplates
internal import Telemetry

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Lines of one template, or unlike all of them, of which a service wrote more or fewer than it does.
public struct UnusualLines: Hashable, Sendable {
  /// What people are told: severity, template, counts and masked lines, on one line of bounded length.
  public let text: String

  /// Told of at most.
  private static let most = 5
  /// Standard deviations of a Poisson count, at least, for a known template to be told.
  private static let surprising = 4.0
  /// Characters of a template or a line that are shown.
  private static let longest = 120

  /// The most unusual lines in the time that the shortest windows of a cell look at.
  static func found(
    by features: FeatureModel, in frame: ServiceFrame, grid: TimeGrid, cell: Int
  ) -> [UnusualLines] {
    guard let service = features.service(named: frame.service), let logs = service.logs,
      let evidence = features.logEvidence(
        in: frame, grid: grid, cell: cell, cells: features.definition.windows.first ?? 1),
      evidence.recordedCells > 0
    else { return [] }
    let time = grid.timestamp(at: cell)
    let cells = Double(evidence.recordedCells)
    var found: [(surprise: Double, lines: UnusualLines)] = []
    for group in evidence.templates {
      let template = group.id.flatMap { id in
        logs.dictionary.templates.firstIndex { $0.id.description == id }
      }
      let expected = service.usualLines(ofTemplate: template, at: time) * cells
      let strangeness = surprise(of: group.lines, expected)
      guard strangeness >= surprising || template == nil && Double(group.lines) > expected else {
        continue
      }
      let level = group.samples.map(\.level).max() ?? .unknown
      found.append(
        (
          // What training never had says most, and a severe line more than a frequent one.
          strangeness * (level >= .warning ? 4 : 1) * (template == nil ? 4 : 1),
          UnusualLines(text: text(of: group, level, expected))
        ))
    }
    let seen = Set(evidence.templates.compactMap(\.id))
    for number in logs.tracked {
      let template = logs.dictionary.templates[number]
      let expected = service.usualLines(ofTemplate: number, at: time) * cells
      let strangeness = surprise(of: 0, expected)
      guard !seen.contains(template.id.description), strangeness >= surprising else { continue }
      found.append(
        (
          strangeness,
          UnusualLines(
            text:
              "[\(template.level.name)] \(short(template.text)) (template \(template.id)): none, "
              + "usually \(rounded(expected))")
        ))
    }
    return found.enumerated().sorted {
      ($1.element.surprise, $0.offset) < ($0.element.surprise, $1.offset)
    }.prefix(most).map(\.element.lines)
  }

  private static func surprise(of lines: Int, _ expected: Double) -> Double {
    abs(Double(lines) - expected) / (expected + 1).squareRoot()
  }

  private static func text(
    of group: LogEvidence.Template, _ level: LogLevel, _ expected: Double
  ) -> String {
    let count = "\(group.lines) line\(group.lines == 1 ? "" : "s")"
    let samples = group.samples.map { short($0.text) }
    guard let id = group.id else {
      return "[\(level.name)] of no known template: \(count), such as "
        + samples.joined(separator: " | ")
    }
    let head =
      "[\(level.name)] \(short(group.text)) (template \(id)): \(count), usually "
      + rounded(expected)
    guard let sample = samples.first, sample != short(group.text) else { return head }
    return "\(head), such as \(sample)"
  }

  private static func short(_ text: String) -> String {
    text.count <= longest ? text : text.prefix(longest) + "…"
  }

  private static func rounded(_ lines: Double) -> String {
    guard lines < 1e9 else { return "\(lines)" }
    let tenths = (lines * 10).rounded()
    return lines >= 10 || tenths == 0 ? "\(Int(lines.rounded()))" : "\(tenths / 10)"
  }
}

extension ServiceFeatureModel {
  /// How many lines of a template the service usually writes in a cell, by the template's channel.
  ///
  /// - Parameter template: Its number in the dictionary; nil for lines of no known template.
  /// - Returns: 0 for templates that are too rare for a channel.
  fileprivate func usualLines(ofTemplate template: Int?, at time: Timestamp) -> Double {
    guard let logs else { return 0 }
    let name =
      template.map { "log_template{id=\"\(logs.dictionary.templates[$0].id)\"}" }
      ?? "log_unknown_templates"
    guard let place = logs.names.firstIndex(of: name) else { return 0 }
    let channel = metricColumns.count + place
    // Channels are ln(1 + lines).
    return max(0, expm1(channelScaling[channel].median + course(ofChannel: channel, at: time)))
  }
}
