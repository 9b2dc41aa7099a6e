internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Storage
internal import Telemetry

/// Answers the requests of clients.
struct ScorerResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  private let scorer: Scorer
  private let limits: RequestLimits
  private let memory: BodyMemory
  private let tokens: WatchedFiles<BearerTokens>?
  private let routes: [(route: ServedRoute, limits: RequestLimits)]

  init(scorer: Scorer, tokens: WatchedFiles<BearerTokens>?, routes: [ServedRoute]) {
    let limits = RequestLimits(scorer.configuration.limits)
    (self.scorer, self.limits, self.tokens) = (scorer, limits, tokens)
    memory = BodyMemory(scorer.configuration.limits)
    self.routes = routes.map { route in
      (
        route,
        route.limits.map { RequestLimits(underWay: $0.underWay, perSecond: $0.perSecond) }
          ?? limits
      )
    }
  }

  func respond(to request: Request, context: Context) async throws -> Response {
    let path = request.uri.path[...]
    let (endpoint, answer) = await answer(request, path)
    scorer.metrics.count(endpoint, answer.code)
    return answer.response(closing: scorer.isDraining)
  }

  private func answer(
    _ request: Request, _ path: Substring
  ) async -> (ScorerMetrics.Endpoint, ServedAnswer) {
    if let answer = health(path, request.method) { return (.health, answer) }
    let found = routes.first { $0.route.matches(request.method.rawValue, path) }
    let endpoint = found?.route.endpoint ?? endpoint(path, request.method.rawValue)
    if found?.route.needsToken ?? true, let tokens,
      !tokens.content.admit(request.headers[.authorization])
    {
      return (endpoint, .error(401, "no bearer token that is known here"))
    }
    switch endpoint {
    case .infer, .rows, .write, .verdicts: break
    default: return (endpoint, metadata(path, request.method) ?? .error(404, "nothing is here"))
    }
    let limits = found?.limits ?? limits
    let (isIn, wait) = limits.enter()
    guard isIn else {
      return (endpoint, .error(429, "too many requests; try again later", retryAfter: wait))
    }
    defer { limits.leave() }
    return (endpoint, await withBody(of: request, path, found?.route, endpoint))
  }

  private func endpoint(_ path: Substring, _ method: String) -> ScorerMetrics.Endpoint {
    guard method == "POST" else { return .health }
    if path == "/v1/rows" { return .rows }
    return path.hasPrefix("/v2/models/") && path.hasSuffix("/infer") ? .infer : .other
  }

  /// Collects the body and answers.
  private func withBody(
    of request: Request, _ path: Substring, _ route: ServedRoute?,
    _ endpoint: ScorerMetrics.Endpoint
  ) async -> ServedAnswer {
    let arrival = ContinuousClock.now
    let most = min(scorer.configuration.limits.body, route?.limits?.body ?? .max)
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
      return .error(413, "a body of \(length) bytes; at most \(most) are taken")
    }
    let body = await CollectedBody(request.body, most: most, memory: memory)
    defer { memory.give(body.taken) }
    switch body.refusal {
    case nil: break
    case .tooLarge: return .error(413, "a body of more than \(most) bytes")
    case .noMemory:
      return .error(503, "too much of other requests is in memory; try again later", retryAfter: 1)
    case .tooSlow:
      return .error(408, "the body took more than \(CollectedBody.deadline) to come")
    case .incomplete: return .error(400, "the body ended early")
    }
    let bytes = Array(body.bytes.readableBytesView)
    if let route {
      return await route.answer(
        ServedRequest(
          path: String(path), query: Self.query(request.uri),
          headers: Dictionary(
            request.headers.map { ($0.name.canonicalName, $0.value) },
            uniquingKeysWith: { first, _ in first }), body: bytes))
    }
    return rows(bytes, path, endpoint, arrival)
  }

  private func rows(
    _ bytes: [UInt8], _ path: Substring, _ endpoint: ScorerMetrics.Endpoint,
    _ arrival: ContinuousClock.Instant
  ) -> ServedAnswer {
    guard scorer.configuration.inputs.push else {
      return .error(404, "rows cannot be pushed; inputs.push is false")
    }
    let start = ContinuousClock.now
    scorer.metrics.queueing[endpoint]?.observe((start - arrival).seconds)
    let answer = scorer.gate.use { fleet in
      endpoint == .rows ? plainRows(bytes, fleet) : inference(bytes, path, fleet)
    }
    scorer.metrics.computing[endpoint]?.observe((ContinuousClock.now - start).seconds)
    return answer
  }

  private static func query(_ uri: URI) -> [String: String] {
    Dictionary(
      uri.queryParameters.map { (String($0.key), String($0.value)) },
      uniquingKeysWith: { first, _ in first })
  }

  private func plainRows(_ bytes: [UInt8], _ fleet: Fleet?) -> ServedAnswer {
    guard let fleet else { return .noModel }
    do {
      let (batch, unknownMetrics) = try RowReader.read(bytes, model: fleet.model)
      scorer.metrics.samples[.unknownSeries].add(unknownMetrics)
      return ServedAnswer(
        200, body: AnswerWriter.rows(scorer.take(batch, fleet: fleet), model: fleet.model))
    } catch {
      return malformed(error)
    }
  }

  private func inference(
    _ bytes: [UInt8], _ path: Substring, _ fleet: Fleet?
  ) -> ServedAnswer {
    guard let fleet else { return .noModel }
    guard ModelPath(path)?.matches(fleet.model) == true else { return .unknownModel(fleet.model) }
    do {
      let request = try InferReader.read(bytes, model: fleet.model)
      return ServedAnswer(
        200,
        body: AnswerWriter.inference(
          scorer.take(request.batch, fleet: fleet), model: fleet.model, id: request.id))
    } catch {
      return malformed(error)
    }
  }

  private func malformed(_ error: any Error) -> ServedAnswer {
    scorer.metrics.samples[.malformed].add()
    return .error(400, (error as? any DiagnosedError)?.description ?? "the body cannot be read")
  }

  private func health(_ path: Substring, _ method: HTTPRequest.Method) -> ServedAnswer? {
    guard method == .get || method == .head else { return nil }
    return ServedAnswer.health(path, scorer)
  }

  private func metadata(_ path: Substring, _ method: HTTPRequest.Method) -> ServedAnswer? {
    guard method == .get || method == .head else { return nil }
    if path == "/v2" || path == "/v2/" { return .json(Metadata.server) }
    if path == "/v1/services" {
      return scorer.gate.current.map { .json($0.listing()) } ?? .noModel
    }
    guard let model = ModelPath(path) else { return nil }
    guard let fleet = scorer.gate.current else { return .noModel }
    guard model.matches(fleet.model) else { return .unknownModel(fleet.model) }
    switch model.action {
    case nil: return .json(Metadata.of(fleet.model))
    case "ready": return ServedAnswer(scorer.isReady ? 200 : 503)
    default: return nil
    }
  }
}

/// `/v2/models/<name>[/versions/<version>][/<action>]`
struct ModelPath {
  var name: String
  var version: String?
  var action: String?

  init?(_ path: Substring) {
    var parts = path.split(separator: "/").map(String.init)
    guard parts.count >= 3, parts[0] == "v2", parts[1] == "models" else { return nil }
    name = parts[2]
    parts.removeFirst(3)
    if parts.first == "versions", parts.count >= 2 {
      version = parts[1]
      parts.removeFirst(2)
    }
    guard parts.count <= 1 else { return nil }
    action = parts.first
  }

  func matches(_ model: ServedModel) -> Bool {
    name == model.name && (version ?? model.versionText) == model.versionText
  }
}
