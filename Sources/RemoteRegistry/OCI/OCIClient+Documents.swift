internal import Diagnostics
internal import Registry
internal import Storage
internal import Transport

/// A manifest or an index as it is stored.
package struct OCIDocument: Sendable, Hashable {
  package var bytes: [UInt8]
  package var mediaType: String
  /// `sha256:` and the SHA-256 of the bytes.
  package var digest: String { "sha256:\(SHA256Digest.hexadecimal(of: bytes))" }
}

extension OCIClient {
  private static let accepted = [OCIMediaType.manifest, OCIMediaType.index].joined(separator: ", ")

  /// A manifest or an index by tag or digest; nil when there is none.
  package func document(_ reference: String, of repository: String) async throws -> OCIDocument? {
    let answer = try await send(
      "GET", "/v2/\(repository)/manifests/\(reference)", repository: repository,
      headers: [("accept", Self.accepted)])
    switch answer.status {
    case 200:
      let found = OCIDocument(
        bytes: answer.body, mediaType: answer.header("content-type") ?? OCIMediaType.manifest)
      guard !reference.hasPrefix("sha256:") || found.digest == reference else {
        throw RegistryError.digestMismatch(
          path: place(repository, reference), expected: reference, found: found.digest)
      }
      return found
    case 404: return nil
    default: throw failure(answer, repository, "read")
    }
  }

  /// The digest of what a tag points at; nil when there is no such tag.
  package func digest(of tag: String, in repository: String) async throws -> String? {
    let answer = try await send(
      "HEAD", "/v2/\(repository)/manifests/\(tag)", repository: repository,
      headers: [("accept", Self.accepted)])
    switch answer.status {
    case 200:
      if let digest = answer.header("docker-content-digest") { return digest }
      return try await document(tag, of: repository)?.digest
    case 404: return nil
    default: throw failure(answer, repository, "look at")
    }
  }

  /// Writes a manifest or an index under a tag or its own digest.
  ///
  /// - Returns: Whether the registry keeps track of what refers to what (OCI 1.1).
  @discardableResult
  package func put(_ document: OCIDocument, as reference: String, to repository: String)
    async throws -> Bool
  {
    let answer = try await send(
      "PUT", "/v2/\(repository)/manifests/\(reference)", repository: repository,
      headers: [("content-type", document.mediaType)], body: document.bytes)
    guard answer.status == 201 else { throw failure(answer, repository, "write") }
    return answer.header("oci-subject") != nil
  }

  /// Removes a manifest with all of its tags.
  package func remove(_ digest: String, of repository: String) async throws {
    let answer = try await send(
      "DELETE", "/v2/\(repository)/manifests/\(digest)", repository: repository)
    guard [200, 202, 404].contains(answer.status) else {
      throw failure(answer, repository, "remove from")
    }
  }

  /// The tags of a repository; nil when there is no such repository.
  package func tags(of repository: String) async throws -> [String]? {
    try await pages("/v2/\(repository)/tags/list", "tags", repository: repository)
  }

  /// The names of all repositories; nil when the registry does not tell.
  package func repositories() async throws -> [String]? {
    try await pages("/v2/_catalog", "repositories", repository: nil)
  }

  private func pages(
    _ path: String, _ member: String, repository: String?
  ) async throws -> [String]? {
    var items: [String] = []
    var target: String? = "\(path)?n=1000"
    while let page = target {
      let answer = try await send("GET", page, repository: repository)
      if [404, 405].contains(answer.status) { return nil }
      guard answer.status == 200 else { throw failure(answer, repository ?? "", "list") }
      do {
        let source = configuration.location
        let document = JSONDocument(
          try JSONValue(parsing: answer.body, source: source), source: source)
        items += try document.optional(member)?.elements.map { try $0.string } ?? []
      } catch let error as StorageError {
        throw RegistryError.store(
          location: configuration.location, reason: "answers with no list (\(error))", .environment)
      }
      let next = answer.header("link").flatMap { Self.next($0) }
      target = next == page ? nil : next
    }
    return items
  }

  /// The path of the next page, on this server, from a field such as `</v2/x?last=y>; rel="next"`.
  private static func next(_ link: String) -> String? {
    guard link.contains("rel=\"next\""), let open = link.firstIndex(of: "<"),
      let close = link.firstIndex(of: ">"), open < close
    else { return nil }
    var target = link[link.index(after: open)..<close]
    if let scheme = target.firstRange(of: "://") {
      target = target[scheme.upperBound...].drop { $0 != "/" }
    }
    return target.hasPrefix("/v2/") ? String(target) : nil
  }
}
