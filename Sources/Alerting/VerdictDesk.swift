internal import Foundation
internal import Storage
public import Telemetry
internal import Transport
internal import Verdicts

/// Takes verdicts and appends them to the file that `autopilot verdicts review` reads.
public actor VerdictDesk {
  /// What to answer to a request.
  public struct Answer: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The header of that name.
    public var contentType: String
    /// The content.
    public var body: String
  }

  /// Largest file, as readers take it.
  private static let sizeLimit = 256 << 20
  /// Verdicts of this run that are known, so that a second click says nothing new.
  private static let remembered = 10_000

  private let path: String
  private let links: VerdictLinks?
  private var known: [VerdictLinks.Subject: Verdict.Judgement] = [:]

  /// Makes a desk.
  ///
  /// - Parameters:
  ///   - path: The file, such as `verdicts.jsonl`.
  ///   - links: Whose links are good; nil for those alone who show a token of the scorer's.
  public init(path: String, links: VerdictLinks?) { (self.path, self.links) = (path, links) }

  /// The page that a link opens.
  public func page(_ parameters: [String: String], now: Timestamp) -> Answer {
    guard let subject = links?.subject(of: parameters, now: now) else { return Self.forbidden }
    let fields = ["service", "start", "model", "version", "token"].map {
      "<input type=\"hidden\" name=\"\($0)\" value=\"\(Self.escaped(parameters[$0] ?? ""))\">"
    }
    let buttons = [
      ("incident", "A real incident"), ("false_alarm", "Nothing was wrong"),
      ("expected", "Known and intended"),
    ].map { "<button name=\"verdict\" value=\"\($0)\">\($1)</button>" }
    return Self.html(
      200,
      "<h1>\(Self.escaped(subject.service))</h1><p>Behaved unusually from \(subject.start) on. "
        + "What was it?</p><form method=\"post\" action=\"verdicts\">\(fields.joined())"
        + "<p><label>Kind <input name=\"kind\" maxlength=\"100\"></label> "
        + "<label>Your name <input name=\"by\" maxlength=\"100\"></label></p>"
        + "<p><label>Note <input name=\"note\" size=\"60\" maxlength=\"1000\"></label></p>"
        + "<p>\(buttons.joined(separator: " "))</p></form>")
  }

  /// Takes a verdict out of a form.
  ///
  /// - Parameters:
  ///   - isTrusted: Whether the sender has shown a token of the scorer's; else the link's has to do.
  ///   - end: When the alert was over, if that is known.
  /// - Throws: `StorageError` when it cannot be written; the sender may try again.
  public func submit(
    _ parameters: [String: String], isTrusted: Bool, now: Timestamp,
    end: (VerdictLinks.Subject) async -> Timestamp?
  ) async throws -> Answer {
    let linked = links?.subject(of: parameters, now: now)
    guard let subject = linked ?? (isTrusted ? Self.subject(of: parameters) : nil) else {
      if !isTrusted { return Self.forbidden }
      return Self.text(
        400,
        "expected 'service' and 'start', an instant such as "
          + "2026-11-23T08:00:00Z")
    }
    guard let judgement = parameters["verdict"].flatMap(Verdict.Judgement.init) else {
      return Self.text(400, "expected 'verdict': incident, false_alarm or expected")
    }
    for name in ["service", "model", "kind", "by", "note"]
    where (parameters[name] ?? "").utf8.count > Verdict.longestText {
      return Self.text(400, "'\(name)' is longer than \(Verdict.longestText) bytes")
    }
    var stop = parameters["end"].flatMap { Timestamp(rfc3339: $0) }
    if stop == nil { stop = await end(subject) }
    let over = stop ?? now
    guard over > subject.start else { return Self.text(400, "'end' is not after 'start'") }
    if known[subject] == judgement { return Self.thanks }
    let verdict = Verdict(
      service: subject.service, start: subject.start, end: over, judgement: judgement,
      kind: parameters["kind"] ?? "", by: parameters["by"] ?? "", note: parameters["note"] ?? "",
      said: now, model: subject.model, version: subject.version)
    try FileSystem.append(
      line: Array(VerdictFile.line(of: verdict).dropLast()), to: path, limit: Self.sizeLimit)
    if known.count >= Self.remembered { known.removeAll() }
    known[subject] = judgement
    return Self.thanks
  }

  private static func subject(of parameters: [String: String]) -> VerdictLinks.Subject? {
    guard let service = parameters["service"], !service.isEmpty,
      let start = parameters["start"].flatMap({ Timestamp(rfc3339: $0) })
    else { return nil }
    return VerdictLinks.Subject(
      service: service, start: start, model: parameters["model"] ?? "",
      version: parameters["version"].flatMap { Int($0) } ?? 0)
  }

  private static let thanks = html(200, "<p>Thank you, it is noted and will be reviewed.</p>")
  private static let forbidden = text(
    403, "this link is not valid, or older than \(VerdictLinks.validity)")

  private static func text(_ status: Int, _ text: String) -> Answer {
    Answer(status: status, contentType: "text/plain; charset=utf-8", body: text + "\n")
  }

  private static func html(_ status: Int, _ body: String) -> Answer {
    Answer(
      status: status, contentType: "text/html; charset=utf-8",
      body: "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"robots\" "
        + "content=\"noindex\"><title>Verdict</title><body>\(body)</body></html>\n")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
