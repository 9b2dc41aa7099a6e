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

  let scorer: Scorer
  let limits: RequestLimits
  let tokens: WatchedFiles<BearerTokens>?
  let routes: [ServedRoute]

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
    let endpoint = endpoint(path, request.method.rawValue)
    let needsToken = routes.first { $0.matches(request.method.rawValue, path) }?.needsToken ?? true
    if needsToken, let tokens, !tokens.content.admit(request.headers[.authorization]) {
      return (endpoint, .error(401, "no bearer token that is known here"))
    }
    switch endpoint {
    case .infer, .rows, .write, .verdicts: break
    default: return (endpoint, metadata(path, request.method) ?? .error(404, "nothing is here"))
    }
    let (isIn, wait) = limits.enter()
    guard isIn else {
      return (endpoint, .error(429, "too many requests; try again later", retryAfter: wait))
    }
    defer { limits.leave() }
    return (endpoint, await rows(request, path, endpoint))
  }

  private func endpoint(_ path: Substring, _ method: String) -> ScorerMetrics.Endpoint {
    if let route = routes.first(where: { $0.matches(method, path) }) { return route.endpoint }
    guard method == "POST" else { return .health }
    if path == "/v1/rows" { return .rows }
    return path.hasPrefix("/v2/models/") && path.hasSuffix("/infer") ? .infer : .other
  }

  private func rows(
    _ request: Request, _ path: Substring, _ endpoint: ScorerMetrics.Endpoint
  ) async -> ServedAnswer {
    let arrival = ContinuousClock.now
    let most = scorer.configuration.limits.body
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
      return .error(413, "a body of \(length) bytes; at most \(most) are taken")
    }
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: most)
    } catch is NIOTooManyBytesError {
      return .error(413, "a body of more than \(most) bytes")
    } catch {
      return .error(400, "the body ended early")
    }
    let bytes = Array(body.readableBytesView)
    if let route = routes.first(where: { $0.matches(request.method.rawValue, path) }) {
      return await route.answer(
        ServedRequest(
          path: String(path), query: Self.query(request.uri),
          headers: Dictionary(
            request.headers.map { ($0.name.canonicalName, $0.value) },
            uniquingKeysWith: { first, _ in first }), body: bytes))
    }
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
