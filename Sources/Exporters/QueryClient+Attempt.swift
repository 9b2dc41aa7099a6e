internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Storage
internal import Transport

/// Queries longer than this go into the request's body, as address lines have limits on the way.
private let longestAddressLine = 4000
private let mostRedirects = 5

extension QueryClient {
  /// One request with its redirects on the same server.
  func attemptOnce(_ url: String, _ question: Question) async throws -> Answer {
    let (fields, secrets) = try connection.credentials.headers()
    var target = url
    var body: (type: String, bytes: [UInt8])?
    switch question {
    case .form(let form) where form.utf8.count > longestAddressLine:
      body = ("application/x-www-form-urlencoded", Array(form.utf8))
    case .form(let form): if !form.isEmpty { target = "\(url)?\(form)" }
    case .json(let bytes): body = ("application/json", bytes)
    }
    for _ in 0...mostRedirects {
      var request = HTTPClientRequest(url: target)
      for (name, value) in fields { request.headers.add(name: name, value: value) }
      request.headers.add(name: "accept", value: "application/json")
      request.headers.add(name: "accept-encoding", value: "gzip")
      request.headers.add(name: "user-agent", value: "autopilot-export")
      if let body {
        request.method = .POST
        request.headers.add(name: "content-type", value: body.type)
        request.body = .bytes(body.bytes)
      }
      let response: HTTPClientResponse
      do {
        // Its own timeout ends with the head of the answer; ours is around all of it.
        response = try await client.execute(request, timeout: .hours(1 << 16))
      } catch {
        throw failure(of: error, url: url)
      }
      if (300..<400).contains(response.status.code),
        let location = response.headers.first(name: "location")
      {
        guard let next = connection.address.target(ofRedirect: location, from: target) else {
          throw ExportError.redirected(
            url: url, target: withoutQuery(sanitized(location, hiding: secrets)))
        }
        target = next
        continue
      }
      return try await answer(response, url: url, secrets: secrets)
    }
    throw ExportError.unexpectedAnswer(url: url, reason: "redirects in circles")
  }

  private func answer(
    _ response: HTTPClientResponse, url: String, secrets: [String]
  ) async throws -> Answer {
    let status = Int(response.status.code)
    guard status == 200 else {
      let text = sanitized(try await errorText(of: response, url: url), hiding: secrets)
      guard status == 408 || status == 429 || status >= 500 else {
        if status == 422, text.contains("too many samples") {
          throw AttemptFailure.tooLarge(reason: text)
        }
        throw ExportError.refused(url: url, status: status, message: text)
      }
      throw AttemptFailure.transient(
        reason: "HTTP \(status)\(text.isEmpty ? "" : ": \(text)")",
        wait: response.headers.first(name: "retry-after").flatMap {
          RetryPolicy.serverWait(retryAfter: $0, date: response.headers.first(name: "date"))
        })
    }
    let stored = try await body(of: response, limit: connection.answerLimit, url: url)
    guard Gzip.isGzip(stored) else {
      return Answer(url: url, stored: stored, text: stored)
    }
    do throws(StorageError) {
      let text = try Gzip.decompress(stored, source: url, limit: connection.answerLimit)
      return Answer(url: url, stored: stored, text: text)
    } catch .tooLarge {
      throw tooLarge(connection.answerLimit)
    } catch {
      throw AttemptFailure.transient(reason: "the answer broke off", wait: nil)
    }
  }

  /// What an error answer says; the status alone must do when its body cannot be had.
  private func errorText(of response: HTTPClientResponse, url: String) async throws -> String {
    let limit = 64 << 10
    guard let stored = try? await body(of: response, limit: limit, url: url) else {
      try Task.checkCancellation()
      return ""
    }
    guard Gzip.isGzip(stored) else { return serverMessage(stored) }
    return serverMessage((try? Gzip.decompress(stored, source: url, limit: limit)) ?? [])
  }

  private func tooLarge(_ limit: Int) -> AttemptFailure {
    .tooLarge(reason: "the answer is larger than \(limit) bytes")
  }

  private func body(
    of response: HTTPClientResponse, limit: Int, url: String
  ) async throws -> [UInt8] {
    if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }),
      length > limit
    {
      throw tooLarge(limit)
    }
    var bytes: [UInt8] = []
    do {
      for try await part in response.body {
        guard bytes.count + part.readableBytes <= limit else { throw tooLarge(limit) }
        bytes += part.readableBytesView
      }
    } catch let error as AttemptFailure {
      throw error
    } catch {
      throw failure(of: error, url: url)
    }
    // A cancelled body ends without an error, and too early.
    try Task.checkCancellation()
    return bytes
  }
}

/// What an error of the HTTP client means: try again, or not.
private func failure(of error: any Error, url: String) -> any Error {
  switch error {
  case is ExportError, is AttemptFailure: error
  default:
    switch ConnectionFailure(error) {
    case .transient(let reason): AttemptFailure.transient(reason: reason, wait: nil)
    case .untrusted(let reason): ExportError.untrusted(url: url, reason: reason)
    case .invalidAddress(let reason): ExportError.invalidRequest(reason: "--url: \(reason)")
    case .cancelled: CancellationError()
    }
  }
}
