internal import Features
internal import Scoring
internal import Synchronization
internal import Telemetry
internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Storage

extension ServedAnswer {
  static let noModel = error(503, "no model is loaded yet", retryAfter: 5)

  static func unknownModel(_ known: ServedModel) -> ServedAnswer {
    error(404, "no such model or version; there is \(known.name), version \(known.versionText)")
  }

  static func json(_ value: JSONValue, code: Int = 200) -> ServedAnswer {
    ServedAnswer(code, body: Array(value.text().utf8))
  }

  static func error(_ code: Int, _ reason: String, retryAfter: Int? = nil) -> ServedAnswer {
    var answer = json(["error": .string(reason)], code: code)
    answer.retryAfter = retryAfter
    return answer
  }

  /// The answer to a question of health; nil for another path.
  static func health(_ path: Substring, _ scorer: Scorer) -> ServedAnswer? {
    switch path {
    case "/v2/health/live": json(["live": true])
    case "/v2/health/ready":
      json(["ready": .bool(scorer.isReady)], code: scorer.isReady ? 200 : 503)
    default: nil
    }
  }

  /// The answer as Hummingbird sends it.
  ///
  /// - Parameter closing: Whether the connection ends with it.
  func response(closing: Bool) -> Response {
    var headers = HTTPFields()
    if !body.isEmpty { headers[.contentType] = contentType }
    if let retryAfter { headers[.retryAfter] = String(retryAfter) }
    if code == 401 { headers[.wwwAuthenticate] = "Bearer" }
    if closing { headers[.connection] = "close" }
    return Response(
      status: HTTPResponse.Status(code: code), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}

/// What the Open Inference Protocol says of servers and models.
enum Metadata {
  static let server: JSONValue = [
    "name": "autopilot-scorer", "version": .string(Program.version), "extensions": [],
  ]

  static func of(_ model: ServedModel) -> JSONValue {
    func tensor(_ name: String, _ type: String, _ shape: [Int]) -> JSONValue {
      [
        "name": .string(name), "datatype": .string(type),
        "shape": .array(shape.map(JSONValue.integer)),
      ]
    }
    return [
      "name": .string(model.name), "versions": [.string(model.versionText)],
      "platform": "autopilotops",
      "inputs": [
        tensor("service", "BYTES", [-1]), tensor("time", "INT64", [-1]),
        tensor("values", "FP64", [-1, -1]),
      ],
      "outputs": [
        tensor("score", "FP32", [-1]),
        tensor("scores", "FP32", [-1, model.scoring.scoreNames.count]),
        tensor("result", "BYTES", [-1]),
      ],
      "parameters": [
        "digest": .string("sha256:\(model.digest)"),
        "scores": .array(model.scoring.scoreNames.map(JSONValue.string)),
        "interval_seconds": .number(model.interval.seconds),
        "history_cells": .integer(model.historyLength),
        "services": .integer(model.services.count),
      ],
    ]
  }
}

extension Fleet {
  /// The services with the columns of their rows and where each is.
  func listing() -> JSONValue {
    [
      "model": .string(model.name), "version": .string(model.versionText),
      "digest": .string("sha256:\(model.digest)"),
      "interval_seconds": .number(model.interval.seconds),
      "services": .array(
        zip(model.services, cells).map { service, cell in
          let (last, isWarming) = cell.state.withLock { ($0.last, $0.isWarming) }
          return [
            "service": .string(service.service),
            "columns": .array(service.metricColumns.map(JSONValue.string)),
            "kinds": .array(service.metricKinds.map { .string($0.rawValue) }),
            "logs": .bool(service.logs != nil),
            "last": last.map { .string($0.description) } ?? .null, "warming": .bool(isWarming),
          ]
        }),
    ]
  }
}
