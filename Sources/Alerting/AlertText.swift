internal import Storage
internal import Telemetry
internal import Transport

/// How alerts look to Alertmanager.
///
/// Labels are the same for every cell, version and restart, so that grouping, silences and inhibition
/// hold; whatever changes is an annotation.
public struct AlertText: Sendable {
  /// The alert's name.
  public static let name = "AutoPilotIncident"

  /// The model's name.
  public var model: String
  /// Further labels, such as `severity`.
  public var labels: [String: String]
  /// Where people read what to do; `{service}` stands for the service.
  public var runbook: String?
  /// Where people look; `{service}` stands for the service.
  public var dashboard: String?
  /// Links to say what an alert was.
  public var verdicts: VerdictLinks?

  /// Makes texts.
  public init(
    model: String, labels: [String: String] = [:], runbook: String? = nil,
    dashboard: String? = nil, verdicts: VerdictLinks? = nil
  ) {
    (self.model, self.labels, self.runbook) = (model, labels, runbook)
    (self.dashboard, self.verdicts) = (dashboard, verdicts)
  }

  /// The alert in the form of Alertmanager's API, version 2.
  ///
  /// - Parameter end: When it was over; while it fires, when it counts as over if nothing more is heard.
  func json(_ alert: Alert, end: Timestamp) -> JSONValue {
    var labels = labels.merging(
      ["severity": self.labels["severity"] ?? "warning"], uniquingKeysWith: { own, _ in own })
    labels["alertname"] = Self.name
    labels["service"] = alert.service
    labels["model"] = model
    return [
      "labels": .object(labels.mapValues { .string($0) }),
      "annotations": .object(annotations(of: alert).mapValues { .string($0) }),
      "startsAt": .string(alert.start.description), "endsAt": .string(end.description),
    ]
  }

  private func annotations(of alert: Alert) -> [String: String] {
    var texts = ["summary": "\(firstLine(alert.service)) behaves unusually"]
    var description = "score \(Self.short(alert.peak)) since \(alert.start); alerts begin at 1"
    if let details = alert.details {
      if !details.explanation.isEmpty {
        texts["explanation"] = details.explanation
        description += ". \(details.explanation)"
      }
      texts["top_features"] = details.topFeatures.joined(separator: "; ")
      texts["log_templates"] = details.logTemplates.joined(separator: "; ")
      texts["model_version"] = details.version > 0 ? "\(details.version)" : ""
      texts["model_digest"] = details.digest
    }
    texts["description"] = description
    texts["runbook_url"] = runbook.map { Self.filled($0, alert.service) }
    texts["dashboard_url"] = dashboard.map { Self.filled($0, alert.service) }
    texts["verdict_url"] = verdicts?.url(
      of: VerdictLinks.Subject(
        service: alert.service, start: alert.start, model: model,
        version: alert.details?.version ?? 0))
    return texts.filter { !$0.value.isEmpty }.mapValues { Self.cut(Self.cleaned($0)) }
  }

  private static func filled(_ template: String, _ service: String) -> String {
    template.replacing("{service}", with: percentEncoded(service))
  }

  /// Names and log lines are anybody's: they must not command a terminal, nor reverse what follows.
  private static func cleaned(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C:
        scalars.append(" ")
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  /// Receivers such as Slack refuse long texts.
  private static func cut(_ text: String) -> String {
    text.utf8.count <= 2_000 ? text : String(text.prefix(1_000)) + "…"
  }

  private static func short(_ score: Float) -> String {
    guard score.isFinite, score < 1e6 else { return "\(score)" }
    let hundredths = Int((score * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
