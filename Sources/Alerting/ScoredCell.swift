internal import Storage
public import Telemetry

/// What a scorer found out about a service in one cell.
public struct ScoredCell: Hashable, Sendable {
  /// The service.
  public var service: String
  /// The cell's end.
  public var time: Timestamp
  /// The score, from 0; alerts begin at 1. NaN where nothing is known.
  public var score: Float
  /// What to tell people, for scores of 1 and more.
  public var details: AlertDetails?

  /// Makes a cell.
  public init(service: String, time: Timestamp, score: Float, details: AlertDetails? = nil) {
    (self.service, self.time, self.score, self.details) = (service, time, score, details)
  }
}

/// What an alert tells people. No part of it is a label, so that alerts stay the same when it changes.
public struct AlertDetails: Hashable, Sendable {
  /// Why the score is high, on one line.
  public var explanation: String
  /// What stands out beside what was expected, the strongest first.
  public var topFeatures: [String]
  /// Unusual log lines.
  public var logTemplates: [String]
  /// The model's version.
  public var version: Int
  /// The model's digest.
  public var digest: String

  /// Makes details.
  public init(
    explanation: String, topFeatures: [String] = [], logTemplates: [String] = [], version: Int,
    digest: String
  ) {
    (self.explanation, self.topFeatures) = (explanation, topFeatures)
    (self.logTemplates, self.version, self.digest) = (logTemplates, version, digest)
  }

  /// The details as a document.
  func json() -> JSONValue {
    [
      "explanation": .string(explanation), "top_features": .array(topFeatures.map { .string($0) }),
      "log_templates": .array(logTemplates.map { .string($0) }), "version": .integer(version),
      "digest": .string(digest),
    ]
  }

  init(json document: JSONDocument) throws {
    self.init(
      explanation: try document["explanation"].string,
      topFeatures: try document["top_features"].elements.map { try $0.string },
      logTemplates: try document["log_templates"].elements.map { try $0.string },
      version: try document["version"].integer, digest: try document["digest"].string)
  }
}

extension JSONDocument {
  /// An instant in milliseconds since 1970.
  var instant: Timestamp {
    get throws { Timestamp(milliseconds: Int64(try integer)) }
  }
}

extension JSONValue {
  /// An instant in milliseconds since 1970.
  static func instant(_ time: Timestamp) -> JSONValue { .integer(Int(time.milliseconds)) }
}
