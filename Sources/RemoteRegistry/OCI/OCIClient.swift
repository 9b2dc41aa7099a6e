internal import Diagnostics
internal import Foundation
internal import Registry
internal import Storage
package import Transport

/// Requests of the OCI distribution specification.
package final class OCIClient: Sendable {
  package let configuration: OCIConfiguration
  private let transport: HTTPTransport
  private let authorization: OCIAuthorization
  /// Most bytes of a manifest, an index or a list.
  package static let documentLimit = 4 << 20

  package init(_ configuration: OCIConfiguration) throws {
    self.configuration = configuration
    transport = try configuration.endpoint.transport(
      environment: configuration.environment, authority: configuration.authorityFile)
    authorization = try OCIAuthorization(configuration)
  }

  /// Sends a request, and again when the registry first wants to know who we are.
  ///
  /// - Parameters:
  ///   - target: A path from `/v2/` on, or an address on the same server.
  ///   - repository: What the request is about; nil for the whole registry.
  package func send(
    _ method: String, _ target: String, repository: String?,
    headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    limit: Int = OCIClient.documentLimit
  ) async throws -> HTTPAnswer {
    let url = target.hasPrefix("/") ? configuration.endpoint.text + target : target
    let actions =
      ["GET", "HEAD"].contains(method)
      ? "pull" : method == "DELETE" ? "pull,push,delete" : "pull,push"
    let scope = repository.map { "repository:\($0):\(actions)" } ?? "registry:catalog:*"
    let timeout = Duration.seconds(60 + max(body.count, method == "GET" ? limit : 0) >> 20)
    func once(_ field: String?) async throws -> HTTPAnswer {
      try await transport.send(limit: max(limit, 64 << 10), timeout: timeout) {
        HTTPRequest(
          method, url, headers: headers + (field.map { [("authorization", $0)] } ?? []), body: body)
      }
    }
    let answer = try await once(await authorization.field(for: scope))
    guard answer.status == 401, let challenge = answer.header("www-authenticate"),
      let field = try await authorization.answer(challenge, scope: scope)
    else { return answer }
    return try await once(field)
  }

  /// A blob, which may lie on another server; nothing of ours is shown to that one.
  ///
  /// - Throws: `TransportError.tooLarge` beyond the limit.
  package func blob(_ digest: String, of repository: String, limit: Int) async throws -> [UInt8]? {
    var answer = try await send(
      "GET", "/v2/\(repository)/blobs/\(digest)", repository: repository, limit: limit)
    for _ in 0..<5 where (300..<400).contains(answer.status) {
      guard let location = answer.header("location"),
        let next = URL(string: location, relativeTo: URL(string: configuration.endpoint.text))
      else { break }
      let address = try RemoteAddress(withoutQuery(next.absoluteString))
      guard address.scheme == "https" || configuration.endpoint.scheme == "http" else {
        throw failure(answer, repository, "follow to plain http for")
      }
      let other = try address.transport(
        environment: configuration.environment, authority: configuration.authorityFile)
      answer = try await other.send(
        limit: max(limit, 64 << 10), timeout: .seconds(60 + limit >> 20)
      ) { HTTPRequest("GET", next.absoluteString) }
    }
    switch answer.status {
    case 200:
      guard answer.body.count <= limit else {
        throw TransportError.tooLarge(url: place(repository, digest), limit: limit)
      }
      return answer.body
    case 404: return nil
    default: throw failure(answer, repository, "read")
    }
  }

  /// Writes a blob unless it is there.
  package func upload(_ bytes: [UInt8], to repository: String) async throws -> OCIDescriptor {
    let digest = "sha256:\(SHA256Digest.hexadecimal(of: bytes))"
    let head = try await send("HEAD", "/v2/\(repository)/blobs/\(digest)", repository: repository)
    if head.status == 200 { return OCIDescriptor(digest: digest, size: bytes.count) }
    // An upload that breaks off is begun anew. A part of it that arrived twice, since the request was
    // repeated, shows as a wrong digest.
    let most = 5
    for attempt in 1...most {
      let begun = try await send(
        "POST", "/v2/\(repository)/blobs/uploads/", repository: repository)
      guard begun.status == 202, let location = begun.header("location") else {
        throw failure(begun, repository, "begin to write")
      }
      let url = try sameServer(location, repository)
      let answer = try await send(
        "PUT", "\(url)\(url.contains("?") ? "&" : "?")digest=\(percentEncoded(digest))",
        repository: repository, headers: [("content-type", "application/octet-stream")],
        body: bytes)
      if answer.status == 201 { return OCIDescriptor(digest: digest, size: bytes.count) }
      guard [400, 404, 416].contains(answer.status), attempt < most else {
        throw failure(answer, repository, "write")
      }
    }
    throw RegistryError.store(
      location: place(repository, digest), reason: "uploads break off; try again", .environment)
  }

  private func sameServer(_ location: String, _ repository: String) throws -> String {
    guard let url = URL(string: location, relativeTo: URL(string: configuration.endpoint.text)),
      let address = try? RemoteAddress(withoutQuery(url.absoluteString)),
      address.authority == configuration.endpoint.authority
    else {
      throw RegistryError.store(
        location: place(repository, nil),
        reason: "wants uploads to go to another server, where credentials do not follow",
        .invalidInput)
    }
    // The scheme is ours: registries behind a proxy often name http.
    let text = url.absoluteString
    let path = text.dropFirst(
      text.firstRange(of: "://").map { text.distance(from: text.startIndex, to: $0.upperBound) }
        ?? 0)
    return configuration.endpoint.text + path.drop { $0 != "/" }
  }

  /// `oci://host/repository:reference`, for messages.
  package func place(_ repository: String, _ reference: String?) -> String {
    let joint = reference?.contains(":") == true ? "@" : ":"
    return "oci://\(configuration.endpoint.authority)/\(repository)"
      + (reference.map { "\(joint)\($0)" } ?? "")
  }

  /// Why a request was not done, with the registry's words.
  func failure(_ answer: HTTPAnswer, _ repository: String, _ operation: String) -> RegistryError {
    var words = ""
    if let document = try? JSONValue(parsing: answer.body, source: ""),
      let first = try? JSONDocument(document, source: "")["errors"].elements.first
    {
      words =
        [try? first["code"].string, try? first["message"].string].compactMap { $0 }
        .joined(separator: ": ")
    }
    let fix =
      switch answer.status {
      case 401, 403: "; \(authorization.hint)"
      case 405: "; the registry does not allow it"
      default: ""
      }
    let text = sanitized(words, hiding: authorization.secrets)
    return .store(
      location: place(repository, nil),
      reason: "cannot \(operation): HTTP \(answer.status)\(text.isEmpty ? "" : " \(text)")\(fix)",
      answer.status >= 500 ? .environment : .invalidInput)
  }
}
