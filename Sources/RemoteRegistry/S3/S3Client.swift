internal import Crypto
internal import Diagnostics
internal import Foundation
internal import Registry
internal import Storage
package import Telemetry
package import Transport

/// An object as a listing shows it.
package struct S3Object: Sendable, Hashable {
  package var key: String
  package var size: Int
  package var etag: String
  package var modified: Timestamp?
}

/// When a write may replace what is there.
package enum S3Condition: Sendable, Hashable {
  case always
  /// Only when the key has no object.
  case absent
  /// Only when the object is the one that had this tag.
  case matches(String)

  package var header: [(name: String, value: String)] {
    switch self {
    case .always: []
    case .absent: [("if-none-match", "*")]
    case .matches(let etag): [("if-match", etag)]
    }
  }
}

/// What became of a write.
package enum S3Outcome: Sendable, Hashable {
  case written
  /// The condition did not hold; nothing was written by this request.
  case lost
}

/// Requests to one bucket, signed. Keys are relative to the bucket.
package final class S3Client: Sendable {
  package let configuration: S3Configuration
  private let transport: HTTPTransport
  private let chain: CredentialChain
  private let signer: SigV4
  /// Most bytes of answers that are no objects.
  package static let messageLimit = 16 << 20

  package init(_ configuration: S3Configuration) throws {
    self.configuration = configuration
    transport = try configuration.endpoint.transport(
      environment: configuration.environment, authority: configuration.authorityFile)
    chain = CredentialChain(
      environment: configuration.environment, region: configuration.region)
    signer = SigV4(region: configuration.region, service: "s3")
  }

  /// `s3://bucket/key`, for messages.
  package func place(_ key: String) -> String { "s3://\(configuration.bucket)/\(key)" }

  /// Sends a request and returns any answer that is no failure of server or network.
  package func send(
    _ method: String, _ key: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    limit: Int = S3Client.messageLimit
  ) async throws -> HTTPAnswer {
    let hash = SHA256Digest.hexadecimal(of: body)
    let encoded = percentEncoded(key, keeping: [0x2F])
    let path = configuration.isPathStyle ? "/\(configuration.bucket)/\(encoded)" : "/\(encoded)"
    let endpoint = configuration.endpoint
    let text = SigV4.queryText(query)
    // A minute, and what the bytes take at a megabyte a second.
    let timeout = Duration.seconds(60 + max(body.count, method == "GET" ? limit : 0) >> 20)
    return try await transport.send(limit: limit, timeout: timeout) { [self] in
      let fields = signer.headers(
        SigV4.Request(
          method: method, host: endpoint.authority, path: path, query: query, headers: headers,
          payloadHash: hash),
        credentials: try await chain.credentials(), now: currentTime())
      return HTTPRequest(
        method,
        "\(endpoint.scheme)://\(endpoint.authority)\(path)\(text.isEmpty ? "" : "?\(text)")",
        headers: fields, body: body)
    }
  }

  /// An object's bytes and its tag; nil when there is none.
  ///
  /// - Throws: `TransportError.tooLarge` beyond the limit.
  package func get(_ key: String, limit: Int) async throws -> (bytes: [UInt8], etag: String)? {
    // Room for the words of an error, whatever the limit.
    let answer = try await send("GET", key, limit: max(limit, 64 << 10))
    switch answer.status {
    case 200:
      guard answer.body.count <= limit else {
        throw TransportError.tooLarge(url: place(key), limit: limit)
      }
      return (answer.body, answer.header("etag") ?? "")
    case 404 where !isBucketMissing(answer): return nil
    default: throw failure(answer, key, "read")
    }
  }

  /// Whether there is an object.
  package func exists(_ key: String) async throws -> Bool {
    let answer = try await send("HEAD", key)
    switch answer.status {
    case 200: return true
    case 404: return false
    default: throw failure(answer, key, "look at")
    }
  }

  /// Writes an object, whose bytes the server checks against their SHA-256.
  package func put(
    _ key: String, _ bytes: [UInt8], _ condition: S3Condition = .always,
    type: String = "application/octet-stream"
  ) async throws -> S3Outcome {
    let headers =
      [("content-type", type), ("x-amz-checksum-sha256", checksum(bytes))] + condition.header
    return try await retryingConflicts { [self] in
      try outcome(try await send("PUT", key, headers: headers, body: bytes), key, condition)
    }
  }

  /// Removes an object, or nothing.
  package func delete(_ key: String) async throws {
    let answer = try await send("DELETE", key)
    guard [200, 204, 404].contains(answer.status) else { throw failure(answer, key, "remove") }
  }

  /// What an answer to a conditional write means; nil when two writes met and it may be tried again.
  package func outcome(
    _ answer: HTTPAnswer, _ key: String, _ condition: S3Condition
  ) throws -> S3Outcome? {
    switch answer.status {
    case 200, 201, 204: return .written
    case 412: return .lost
    case 409: return nil
    case 404 where condition != .always && !isBucketMissing(answer): return .lost
    default: throw failure(answer, key, "write")
    }
  }

  /// Repeats a write that met another one.
  package func retryingConflicts(_ write: () async throws -> S3Outcome?) async throws -> S3Outcome {
    for attempt in 0..<20 {
      if let outcome = try await write() { return outcome }
      try await Task.sleep(for: .milliseconds(Int.random(in: 20...(100 + 50 * attempt))))
    }
    throw RegistryError.store(
      location: configuration.location, reason: "too many writers at once; try again", .environment)
  }

  /// Why a request was not done, with the server's words.
  func failure(_ answer: HTTPAnswer, _ key: String, _ operation: String) -> RegistryError {
    let text = XMLText(String(decoding: answer.body.prefix(64 << 10), as: UTF8.self))
    let (code, message) = (text.text("Code") ?? "", text.text("Message") ?? "")
    if code == "NoSuchBucket" {
      return .store(
        location: configuration.location,
        reason: "no bucket '\(configuration.bucket)'; check its name and the endpoint",
        .invalidInput)
    }
    let region = answer.header("x-amz-bucket-region").flatMap {
      $0 == configuration.region ? nil : $0
    }
    let fix =
      switch answer.status {
      case _ where region != nil: "; the bucket is in region \(region ?? ""), set AWS_REGION"
      case 301, 302, 307: "; check AWS_REGION and the endpoint"
      case 401, 403: "; check the credentials and their rights on the bucket"
      case 501: "; the server lacks what a registry needs"
      default: ""
      }
    let words = firstLine([code, message].filter { !$0.isEmpty }.joined(separator: ": "))
    return .store(
      location: place(key),
      reason: "cannot \(operation): HTTP \(answer.status)\(words.isEmpty ? "" : " \(words)")\(fix)",
      answer.status >= 500 ? .environment : .invalidInput)
  }

  private func isBucketMissing(_ answer: HTTPAnswer) -> Bool {
    XMLText(String(decoding: answer.body.prefix(64 << 10), as: UTF8.self)).text("Code")
      == "NoSuchBucket"
  }
}

/// The SHA-256 of bytes as S3 writes it.
func checksum(_ bytes: [UInt8]) -> String {
  Data(SHA256.hash(data: bytes)).base64EncodedString()
}
