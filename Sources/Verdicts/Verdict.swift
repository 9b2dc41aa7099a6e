public import Storage
public import Telemetry

/// What an operator said about an alert.
public struct Verdict: Hashable, Sendable {
  /// What the alert was about.
  public enum Judgement: String, Sendable, CaseIterable {
    /// A real incident.
    case incident
    /// Nothing was wrong.
    case falseAlarm = "false_alarm"
    /// Known and intended, such as a deployment or a load test: neither to be learned from nor judged.
    case expected
  }

  /// The service that alarmed.
  public var service: String
  /// When the alert began and ended.
  public var start: Timestamp, end: Timestamp
  /// What it was about.
  public var judgement: Judgement
  /// A word for the kind of incident; empty where nobody said.
  public var kind: String
  /// Who said so, and why; empty where nobody said.
  public var by: String, note: String
  /// When it was said.
  public var said: Timestamp
  /// The model and version that alarmed; empty and 0 where that is not known.
  public var model: String, version: Int

  /// Makes a verdict.
  ///
  /// - Precondition: `start < end`.
  public init(
    service: String, start: Timestamp, end: Timestamp, judgement: Judgement, kind: String = "",
    by: String = "", note: String = "", said: Timestamp, model: String = "", version: Int = 0
  ) {
    precondition(start < end, "a verdict on \(start) to \(end)")
    (self.service, self.start, self.end) = (service, start, end)
    (self.judgement, self.kind, self.by, self.note) = (judgement, kind, by, note)
    (self.said, self.model, self.version) = (said, model, version)
  }

  /// Longest text of a verdict, in bytes of UTF-8.
  public static let longestText = 2_000

  /// Names the verdict by its content, so that saying it twice is saying it once.
  public var id: String {
    "V-" + String(SHA256Digest.hexadecimal(of: Array(json().text().utf8)).prefix(12))
  }

  /// The verdict as a document.
  public func json() -> JSONValue {
    [
      "service": .string(service), "start": .string(start.description),
      "end": .string(end.description), "verdict": .string(judgement.rawValue),
      "kind": .string(kind), "by": .string(by), "note": .string(note),
      "said": .string(said.description), "model": .string(model), "version": .integer(version),
    ]
  }

  /// Reads a verdict; only service, start, end and verdict must be there.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place that is wrong.
  public init(json document: JSONDocument) throws {
    func time(_ key: String) throws -> Timestamp {
      guard let time = Timestamp(rfc3339: try document[key].string) else {
        throw try document[key].expected("an instant such as 2026-11-23T08:00:00Z")
      }
      return time
    }
    func text(_ key: String) throws -> String {
      guard let member = try document.optional(key) else { return "" }
      let text = try member.string
      guard text.utf8.count <= Self.longestText else {
        throw member.expected("at most \(Self.longestText) bytes")
      }
      return text
    }
    guard let judgement = Judgement(rawValue: try document["verdict"].string) else {
      throw try document["verdict"].expected("'incident', 'false_alarm' or 'expected'")
    }
    let (start, end) = (try time("start"), try time("end"))
    guard start < end else { throw try document["end"].expected("an instant after the start") }
    let service = try text("service")
    guard !service.isEmpty else { throw try document["service"].expected("a service's name") }
    self.init(
      service: service, start: start, end: end, judgement: judgement, kind: try text("kind"),
      by: try text("by"), note: try text("note"),
      said: try document.optional("said") == nil ? end : time("said"), model: try text("model"),
      version: try document.optional("version")?.integer ?? 0)
  }
}
