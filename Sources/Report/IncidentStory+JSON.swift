public import Storage
internal import Telemetry

extension IncidentStory {
  /// The story as a document, from which it reads back.
  public func json() -> JSONValue {
    [
      "incident": .string(incident), "service": .string(service),
      "time": .string(time.description), "signal": signal.map(JSONValue.string) ?? .null,
      "voices": .array(
        voices.map {
          [
            "detector": .string($0.detector), "score": .float($0.score),
            "causes": .array($0.causes.map(JSONValue.string)),
          ]
        }),
      "logs": .array(
        logs.map {
          [
            "text": .string($0.text), "level": .string($0.level), "lines": .integer($0.lines),
            "usual": .number($0.usual),
          ]
        }),
    ]
  }

  /// Reads a story back.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place that is wrong.
  public init(json: JSONDocument) throws {
    guard let time = Timestamp(rfc3339: try json["time"].string) else {
      throw try json["time"].expected("an instant such as 2026-11-23T08:00:00Z")
    }
    self.init(
      incident: try json["incident"].string, service: try json["service"].string, time: time,
      signal: try json.optional("signal")?.string,
      voices: try json["voices"].elements.map {
        Voice(
          detector: try $0["detector"].string, score: Float(try $0["score"].number),
          causes: try $0["causes"].elements.map { try $0.string })
      },
      logs: try json["logs"].elements.map {
        LogChange(
          text: try $0["text"].string, level: try $0["level"].string,
          lines: try $0["lines"].integer, usual: try $0["usual"].number)
      })
  }
}

extension FalseAlarmGroup {
  /// The group as a document.
  public func json() -> JSONValue {
    [
      "service": .string(service), "signal": signal.map(JSONValue.string) ?? .null,
      "count": .integer(count), "strongest": .string(strongest.description), "peak": .float(peak),
      "cause": cause.map(JSONValue.string) ?? .null,
    ]
  }
}

extension DriftRow {
  /// The row as a document.
  public func json() -> JSONValue {
    [
      "service": .string(service), "metric": .string(metric),
      "psi": .number(stabilityIndex), "ks": .number(kolmogorovSmirnov),
      "missing_before": .number(missingBefore), "missing_now": .number(missingNow),
    ]
  }
}
