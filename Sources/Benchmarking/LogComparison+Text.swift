public import Storage

extension LogComparison {
  /// The comparison as a document.
  public func json() -> JSONValue {
    [
      "quiet_share": .number(Self.quietShare),
      "incidents": .integer(incidents),
      "kinds": .object(
        Dictionary(
          kinds.map { ($0.name, .integer($0.count)) }, uniquingKeysWith: { first, _ in first })),
      "samples": [
        "quiet_metrics": .integer(quietMetricSamples), "quiet_logs": .integer(quietLogSamples),
        "log_services": .integer(services),
      ],
      "logs": [
        "found": .integer(logsAlone), "found_with_half": .integer(logsWithHalf),
        "found_without_false_alarm": .integer(logsWithoutFalseAlarm),
        "found_by_random": .number(randomLogsAlone), "quiet_cells": .integer(quietCells),
        "alarmed_quiet_cells": .integer(alarmedCells),
        "alarmed_quiet_cells_with_half": .integer(alarmedCellsWithHalf),
      ],
      "detectors": .array(
        rows.map { row in
          [
            "name": .string(row.name), "found": .number(row.alone),
            "found_with_logs": .number(row.withLogs),
            "found_with_logs_by_kind": .object(
              Dictionary(
                zip(kinds.map(\.name), row.byKind.map(JSONValue.number)),
                uniquingKeysWith: { first, _ in first })),
          ]
        }),
      "findings": .array(
        findings.map { finding in
          [
            "incident": .string(finding.id), "service": .string(finding.service),
            "kind": .string(finding.kind), "recorded_cells": .integer(finding.cells),
            "found": .bool(finding.isFound), "requests": .integer(finding.requests),
            "broken": .integer(finding.broken),
            "first": finding.first.map(JSONValue.string) ?? .null,
            "second": finding.second.map(JSONValue.string) ?? .null,
          ]
        }),
    ]
  }

  /// The headings of `table()`.
  public var headings: [String] {
    ["detector of metrics", "recall alone", "recall with logs"]
      + kinds.map { "\($0.name), of \($0.count)" }
  }

  /// Rows of text, the best with logs first.
  public func table() -> [[String]] {
    func recall(_ found: Double) -> String { decimals(found / Double(max(1, incidents))) }
    return rows.sorted { $0.withLogs > $1.withLogs }.map { row in
      [row.name, recall(row.alone), recall(row.withLogs)]
        + row.byKind.map { $0 == $0.rounded() ? "\(Int($0))" : decimals($0, places: 1) }
    }
  }

  /// What the tables rest on, as sentences.
  public var summary: String {
    func share(_ found: Double) -> String { decimals(found / Double(max(1, incidents))) }
    return """
      \(incidents) incidents. `request_invariants` alone finds \(logsAlone) of them \
      (\(share(Double(logsAlone)))) at 5 % of its \(quietLogSamples) quiet samples of \(services) \
      services, \(logsWithHalf) at 2.5 %, and \(logsWithoutFalseAlarm) without any false alarm \
      among them; random scores at the same samples \
      \(decimals(randomLogsAlone, places: 1)) (\(share(randomLogsAlone))). Some service alarms in \
      \(alarmedCells), with half of the budget \(alarmedCellsWithHalf), of the \(quietCells) quiet \
      recorded minutes. Metrics have \(quietMetricSamples) quiet samples.
      """
  }

  /// The comparison in Markdown.
  public func markdown() -> String {
    """
    \(summary)

    | \(headings.joined(separator: " | ")) |
    | --- |\(String(repeating: " --: |", count: headings.count - 1))
    \(table().map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n"))

    | incident | service | kind | found by logs | requests that lack lines | what most of them break |
    | --- | --- | --- | --- | --: | --- |
    \(findings.map(Self.row).joined(separator: "\n"))

    """
  }

  private static func row(_ finding: Finding) -> String {
    func cell(_ text: String?) -> String {
      guard let text else { return "" }
      let short = text.count > 60 ? text.prefix(57) + "…" : text[...]
      return "`\(short.replacing("|", with: "¦").replacing("`", with: "'"))`"
    }
    let pair = finding.first.map { "\(cell($0)) and \(cell(finding.second))" } ?? "–"
    return "| \(finding.id) | \(finding.service) | \(finding.kind) | "
      + "\(finding.isFound ? "yes" : "no") | \(finding.broken) of \(finding.requests) | \(pair) |"
  }
}
