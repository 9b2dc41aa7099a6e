import Companions
import Diagnostics
import Exporters
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing
import Transport

import Exporters

private let path = "/api/v1/query_range"

/// Asks a server once through the client, as an export does.
private func ask(
  _ server: StandInServer, change: (inout ServerConnection) -> Void = { _ in }
) async throws -> (text: String, retries: Int) {
  var connection = try connection(to: server.url)
  change(&connection)
  return try await withClient(connection) { client in
    let text = try await client.ask(path, [("query", "up")], stream: 0) { answer in
      var reader = JSONReader(answer.text, source: answer.url)
      try reader.skip()
      try reader.expectEnd()
      return String(decoding: answer.text, as: UTF8.self)
    }
    return (text, client.retries)
  }
}

/// A server that fails in some way a number of times and then works.
private func failing(_ times: Int, _ failure: StandInAnswer) async throws -> StandInServer {
  let left = Mutex(times)
  return try await StandInServer { _ in
    let fails = left.withLock { left in
      left -= 1
      return left >= 0
    }
    return fails ? failure : .text("[1]")
  }
}

struct PassingFailure: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var answer: StandInAnswer
}

private let passingFailures = [
  PassingFailure(testDescription: "429", answer: .text("slow down", status: 429)),
  PassingFailure(testDescription: "500", answer: .text("oops", status: 500)),
  PassingFailure(testDescription: "503", answer: .text("", status: 503)),
  PassingFailure(testDescription: "408", answer: .text("", status: 408)),
  PassingFailure(
    testDescription: "a body shorter than announced",
    answer: StandInAnswer(body: Array("[1,2,3]".utf8), breaksAfter: 4)),
  PassingFailure(
    testDescription: "a body that breaks off unannounced",
    answer: StandInAnswer(body: Array("[1,2,3]".utf8), breaksAfter: 4, saysLength: false)),
  PassingFailure(
    testDescription: "a gzip that breaks off",
    answer: StandInAnswer(
      headers: [("content-encoding", "gzip")],
      body: Array(Gzip.compress(Array("[1,2,3]".utf8)).dropLast(9)))),
]

@Suite struct RetryTests {
  @Test(arguments: passingFailures)
  func `what may pass is asked again`(_ failure: PassingFailure) async throws {
    let server = try await failing(2, failure.answer)
    let (text, retries) = try await ask(server)
    #expect(text == "[1]")
    #expect(retries == 2)
    #expect(server.seen.count == 3)
  }

  @Test(arguments: passingFailures)
  func `what does not pass ends as an environment error`(_ failure: PassingFailure) async throws {
    let server = try await failing(.max, failure.answer)
    do {
      _ = try await ask(server) { $0.retries.attempts = 3 }
      Issue.record("an answer came")
    } catch let error as ExportError {
      #expect(error.kind == .environment)
      #expect(error.description.contains("(3 attempts)"))
    }
    #expect(server.seen.count == 3)
  }

  @Test(arguments: [400, 401, 403, 404, 405, 422])
  func `what the server refuses is not asked again`(status: Int) async throws {
    let server = try await failing(.max, .text("no\u{1B}[31m way\nat all", status: status))
    #expect(
      await exportError { try await ask(server) }
        == ExportError.refused(
          url: server.url + path, status: status, message: "no [31m way at all"))
    #expect(server.seen.count == 1)
  }

  @Test func `a refusal is understood when it comes compressed`() async throws {
    let body = Gzip.compress(Array(#"{"status":"error","error":"parse error"}"#.utf8))
    let server = try await failing(
      .max,
      StandInAnswer(status: 400, headers: [("content-encoding", "gzip")], body: body))
    #expect(
      await exportError { try await ask(server) }
        == .refused(url: server.url + path, status: 400, message: "parse error"))
  }

  @Test func `a web page is no answer and is not asked again`() async throws {
    let server = try await failing(.max, .text("<html>sign in</html>"))
    do {
      _ = try await ask(server)
      Issue.record("a page was accepted")
    } catch let error as ExportError {
      #expect(error.kind == .invalidInput)
      #expect(error.description.contains("no JSON at byte 0"))
    }
    #expect(server.seen.count == 1)
  }

  @Test func `an answer that does not end in time is asked for again`() async throws {
    let server = try await failing(
      1, StandInAnswer(body: Array("[1]".utf8), delay: .seconds(3600)))
    let (text, retries) = try await ask(server) { $0.timeout = .seconds(3) }
    #expect(text == "[1]")
    #expect(retries >= 1)
  }

  @Test func `a closed port is an environment error that names the address`() async throws {
    let url = "http://127.0.0.1:\(try await closedPort())"
    var connection = try connection(to: url)
    connection.retries.attempts = 2
    do {
      _ = try await withClient(connection) { client in
        try await client.ask(path, [], stream: 0) { $0.text.count }
      }
      Issue.record("an answer came")
    } catch let error as ExportError {
      #expect(error.kind == .environment)
      #expect(error.description.contains("\(url)\(path): connection failed: "))
      #expect(error.description.contains("Connection refused (2 attempts)"))
    }
  }

  @Test func `Retry-After holds back every request to the server`() async throws {
    let left = Mutex(1)
    let times = Mutex<[ContinuousClock.Instant]>([])
    let server = try await StandInServer { _ in
      times.withLock { $0.append(.now) }
      let fails = left.withLock { left in
        left -= 1
        return left >= 0
      }
      guard fails else { return .text("[1]") }
      return StandInAnswer(status: 429, headers: [("retry-after", "1")])
    }
    _ = try await ask(server)
    let seen = times.withLock { $0 }
    // A lower bound only: how much later it comes depends on the machine.
    #expect(seen[1] - seen[0] >= .milliseconds(990))
  }

  @Test func `a server that asks for hours of patience gets an error that says so`() async throws {
    let server = try await failing(
      .max, StandInAnswer(status: 503, headers: [("retry-after", "7200")]))
    do {
      _ = try await ask(server)
      Issue.record("an answer came")
    } catch let error as ExportError {
      #expect(error.kind == .environment)
      #expect(error.description.contains("asks to wait for 7200 s"))
    }
  }
}

@Suite struct RetryPolicyTests {
  @Test func `pauses double up to a ceiling and spread over their upper half`() {
    let policy = RetryPolicy()
    var random = SplitMix(state: 1)
    var seen: Set<Duration> = []
    for attempt in 1...60 {
      let exponential = min(.seconds(30), .milliseconds(500) * (1 << min(attempt - 1, 20)))
      let pause = policy.pause(after: attempt, serverWait: nil, using: &random)
      #expect(pause >= exponential / 2 && pause <= exponential, "attempt \(attempt): \(pause)")
      seen.insert(pause)
    }
    #expect(seen.count == 60)
  }

  @Test func `equal seeds give equal pauses`() {
    var (first, second) = (SplitMix(state: 7), SplitMix(state: 7))
    for attempt in 1...5 {
      #expect(
        RetryPolicy().pause(after: attempt, serverWait: nil, using: &first)
          == RetryPolicy().pause(after: attempt, serverWait: nil, using: &second))
    }
  }

  @Test func `the server's wish is the least pause`() {
    var random = SplitMix(state: 1)
    #expect(
      RetryPolicy().pause(after: 1, serverWait: .seconds(9), using: &random) == .seconds(9))
  }

  @Test func `Retry-After is read as seconds or as a date`() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    #expect(RetryPolicy.serverWait(retryAfter: "120", date: nil) == .seconds(120))
    #expect(
      RetryPolicy.serverWait(retryAfter: "Sun, 06 Nov 1994 08:50:07 GMT", date: date)
        == .seconds(30))
    #expect(
      RetryPolicy.serverWait(retryAfter: date, date: "Sun, 06 Nov 1994 09:00:00 GMT") == .zero)
    #expect(RetryPolicy.serverWait(retryAfter: date, date: nil) == nil)
    #expect(RetryPolicy.serverWait(retryAfter: "soon", date: date) == nil)
    #expect(RetryPolicy.serverWait(retryAfter: "-1", date: date) == nil)
  }
}
