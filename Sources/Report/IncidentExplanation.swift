public import Evaluation
public import Storage
public import Telemetry

/// One incident explained: outcome, reasons, and what the logs said.
public struct IncidentExplanation: Sendable {
  /// A log line as it was written.
  public struct Quote: Hashable, Sendable {
    /// When, and what.
    public var time: Timestamp, text: String
    /// The masked form by which it is counted.
    public var pattern: String

    /// Makes a quote.
    public init(time: Timestamp, text: String, pattern: String) {
      (self.time, self.text, self.pattern) = (time, text, pattern)
    }
  }

  private let incident: Incident
  private let evaluation: EvaluationResult
  private let story: IncidentStory?
  private let quotes: [Quote]?

  /// Collects what is known.
  ///
  /// - Parameters:
  ///   - evaluation: Its first row is the one that is explained.
  ///   - story: Nil where no service of the incident has scores.
  ///   - quotes: Lines of the service while the incident lasted; nil when nobody looked.
  /// - Precondition: The evaluation has rows.
  public init(
    incident: Incident, evaluation: EvaluationResult, story: IncidentStory?, quotes: [Quote]?
  ) {
    (self.incident, self.evaluation) = (incident, evaluation)
    (self.story, self.quotes) = (story, quotes)
  }

  /// For people.
  public func text() -> String {
    let row = evaluation.rows[0]
    let outcome = row.outcomes.first { $0.incident == incident.id }
    var lines = [
      "\(incident.id)  \(incident.kind)  \(incident.service ?? "whole system")",
      "\(instant(incident.start)) to \(instant(incident.resolved)), "
        + duration(incident.resolved - incident.start), "",
    ]
    if incident.role == .excluded {
      lines.append("Excluded: neither hit nor false alarm.")
    } else if let found = outcome?.found {
      lines.append(
        "Found by \(row.name) at \(instant(found)) in \(outcome?.foundBy ?? absent), "
          + "\(delay(outcome?.delay)) from its start.")
    } else {
      lines.append(
        "Missed by \(row.name): its highest score was \(rounded(outcome?.peak.map(Double.init))), "
          + "alerts begin at 1.")
    }
    let finders = evaluation.rows.dropFirst().filter { other in
      other.outcomes.contains { $0.incident == incident.id && $0.isFound }
    }.map(\.name)
    lines.append(
      finders.isEmpty
        ? "No other row found it." : "Also found by \(finders.joined(separator: ", ")).")
    if let story { lines += reasons(story) + logLines(story) }
    return lines.map { printable($0) }.joined(separator: "\n")
  }

  private func reasons(_ story: IncidentStory) -> [String] {
    ["", "What the detectors saw in \(story.service) at \(instant(story.time)):"]
      + (story.voices.isEmpty ? ["  none of them can explain itself"] : [])
      + story.voices.flatMap { voice in
        ["  \(voice.detector)  \(rounded(Double(voice.score)))"] + voice.causes.map { "    \($0)" }
      }
  }

  private func logLines(_ story: IncidentStory) -> [String] {
    guard !story.logs.isEmpty else { return [] }
    return ["", "Unusual log lines of \(story.service) from start to end:"]
      + story.logs.flatMap { change -> [String] in
        let usual = change.isNew ? "never in training" : "usually \(rounded(change.usual))"
        return ["  \(grouped(change.lines)) × [\(change.level)] \(change.text)  (\(usual))"]
          + (quotes ?? []).filter { $0.pattern == change.text }.map {
            "      \($0.time)  \($0.text)"
          }
      }
  }

  /// For programs.
  public func json() -> JSONValue {
    let outcome = evaluation.rows[0].outcomes.first { $0.incident == incident.id }
    return [
      "incident": .string(incident.id), "kind": .string(incident.kind),
      "service": incident.service.map(JSONValue.string) ?? .null,
      "start": .string(incident.start.description), "end": .string(incident.resolved.description),
      "is_found": .bool(outcome?.isFound ?? false),
      "story": story?.json() ?? .null,
      "quotes": quotes.map { quotes in
        .array(
          quotes.map {
            [
              "time": .string($0.time.description), "text": .string($0.text),
              "pattern": .string($0.pattern),
            ]
          })
      } ?? .null,
    ]
  }
}
