internal import Evaluation
internal import Telemetry

/// An evaluation in Markdown, short enough for a pull request.
public struct MarkdownReport: Sendable {
  /// Incidents and findings that are listed at most.
  private static let most = 40
  private let content: ReportContent

  /// Makes a report.
  public init(_ content: ReportContent) { self.content = content }

  private var result: EvaluationResult { content.evaluation }
  private var primary: DetectorResult { primaryRow(of: result, named: content.primary) }

  /// The text; equal content gives equal bytes. Text from data can neither form markup nor mention
  /// anybody.
  public func render() -> String {
    let sentences = verdict(on: primary, in: result)
    return """
      # \(safe(content.title))

      **\(safe(sentences[0]))** \(safe(sentences.dropFirst().joined(separator: " ")))
      \(notes)
      ## Detectors

      \(detectors)

      ## Incidents

      \(incidents)
      \(findings)
      <details><summary>Configuration and digests</summary>

      \(facts)

      </details>

      """
  }

  private var notes: String {
    content.notes.isEmpty
      ? "" : "\n" + content.notes.map { "> - \(safe($0))\n" }.joined()
  }

  private var detectors: String {
    let rows = result.rows.map { row in
      let events = row.events
      let interval = row.intervals?.averagePrecision.map {
        " (\(fixed($0.low, 2))–\(fixed($0.high, 2)))"
      }
      let cells = [
        row.name == primary.name ? "**\(safe(row.name))**" : safe(row.name),
        fixed(row.ranking.averagePrecision, 3) + (interval ?? ""),
        fixed(row.quality?.vusPrecisionRecall, 3),
        "\(events.found) / \(events.found + events.missed)",
        expectedByChance(row), fixed(events.precision, 2), fixed(events.f1, 2),
        delay(events.medianDelay), rounded(events.falseAlarmsPerServiceDay),
        percent(row.timeInAlert),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
    return """
      | detector | AUC-PR (95 %) | VUS-PR | found | by chance | precision | F1 | delay | false per service-day | in alert |
      | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |
      \(rows.joined(separator: "\n"))
      """
  }

  private var incidents: String {
    let outcomes = outcomesByIncident(primary)
    let stories = Dictionary(
      (content.findings?.stories ?? []).map { ($0.incident, $0) },
      uniquingKeysWith: { first, _ in first })
    let tested = result.incidents.filter { outcomes[$0.id] != nil }
    // Missed ones are what a reader looks for.
    let ordered =
      tested.filter { outcomes[$0.id]?.isFound != true }
      + tested.filter { outcomes[$0.id]?.isFound == true }
    let rows = ordered.prefix(Self.most).map { incident in
      let outcome = outcomes[incident.id]
      let cause = stories[incident.id]?.voices.first.flatMap { voice in
        voice.causes.first.map { "\(voice.detector): \($0)" }
      }
      let cells = [
        outcome?.isFound == true ? "✓ \(delay(outcome?.delay))" : "✗ missed", safe(incident.id),
        safe(incident.service ?? "whole system"), safe(incident.kind), minute(incident.start),
        rounded(outcome?.peak.map(Double.init)), safe(cause ?? absent),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
    let rest = ordered.count - Self.most
    return """
      | outcome | incident | service | kind | start | peak score | loudest |
      | --- | --- | --- | --- | --- | --: | --- |
      \(rows.joined(separator: "\n"))
      \(rest > 0 ? "\n\(counted(rest, "more incident")) in the full report.\n" : "")
      """
  }

  private var findings: String {
    guard let findings = content.findings else { return "" }
    var text = ""
    if let group = findings.falseAlarms.first {
      let signal = group.signal.map { " over \(safe($0))" } ?? ""
      text += "Most false alarms of one kind: \(group.count) in \(safe(group.service))\(signal).\n"
    }
    let drifted = findings.drift.filter { $0.stabilityIndex >= DriftRow.strong }
    if let first = drifted.first {
      text +=
        "\(text.isEmpty ? "" : "\n")Drift: \(grouped(drifted.count)) of "
        + "\(counted(findings.drift.count, "metric")) changed much since training, most "
        + "\(safe(first.service))/\(safe(first.metric)) (PSI \(fixed(first.stabilityIndex, 2))).\n"
    }
    if !findings.detail.labels.isEmpty {
      text +=
        "\nLabels to look at:\n\n"
        + findings.detail.labels.prefix(Self.most).map { "- \(safe($0.text))\n" }.joined()
    }
    return text.isEmpty ? "" : "\n\(text)"
  }

  private var facts: String {
    (content.splits.map { split in
      ReportContent.Fact(
        key: "\(split.name) time", value: split.ranges.map(interval).joined(separator: ", "))
    } + content.facts).map { "- \(safe($0.key)): \(safe($0.value))" }.joined(separator: "\n")
  }

  private func safe(_ text: String) -> String { escapedForMarkdown(text) }
}

/// Text that stays text in Markdown: no markup, no mention, no link, one line.
package func escapedForMarkdown(_ text: String) -> String {
  var result = ""
  for character in printable(text) {
    switch character {
    case "\\", "`", "*", "_", "{", "}", "[", "]", "#", "+", "!", "|", "~", "$":
      result += "\\\(character)"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "@": result += "@\u{200B}"
    default: result.append(character)
    }
  }
  // What looks like an address would become a link by itself.
  return result.replacing("://", with: ":\u{200B}//").replacing("www.", with: "www\u{200B}.")
}
