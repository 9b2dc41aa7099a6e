import Alerting
import Companions
import Exporters
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing
import Transport

let begin = Timestamp(milliseconds: 1_767_225_600_000)  // 2026-01-01T00:00:00Z

/// A generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Remembers what it hears.
final class Witness: AlertObserver {
  private let heard = Mutex<
    (counts: [AlertOutcome: Int], queued: Int, firing: Int, messages: [String], state: [String])
  >(([:], 0, 0, [], []))

  func counted(_ outcome: AlertOutcome, _ count: Int) {
    heard.withLock { $0.counts[outcome, default: 0] += count }
  }
  func saw(firing: Int, queued: Int) {
    heard.withLock { ($0.firing, $0.queued) = (firing, queued) }
  }
  func sendingFailed(_ message: String) { heard.withLock { $0.messages.append(message) } }
  func stateFailed(_ message: String) { heard.withLock { $0.state.append(message) } }

  var counts: [AlertOutcome: Int] { heard.withLock { $0.counts } }
  var queued: Int { heard.withLock { $0.queued } }
  var firing: Int { heard.withLock { $0.firing } }
  var messages: [String] { heard.withLock { $0.messages } }
  var stateFailures: [String] { heard.withLock { $0.state } }
}

/// A clock that moves when it is told to.
final class Hands: Sendable {
  private let time: Mutex<Timestamp>

  init(_ time: Timestamp) { self.time = Mutex(time) }

  var now: Timestamp { time.withLock { $0 } }
  func advance(by span: TimeSpan) { time.withLock { $0 = $0 + span } }
}

func cell(
  _ minute: Int, _ score: Float, _ service: String = "cart", details: AlertDetails? = nil
) -> ScoredCell {
  ScoredCell(
    service: service, time: begin + .minutes(Int64(minute)), score: score, details: details)
}

let leak = AlertDetails(
  explanation: "memory = 0.93, expected 0.41 to 0.55",
  topFeatures: ["memory = 0.93, expected 0.41 to 0.55", "gc_seconds = 3, expected at most 1"],
  logTemplates: ["OutOfMemory in <*>"], version: 7, digest: "sha256:5db84ae4bf83")

func connection(to url: String) throws -> ServerConnection {
  var connection = ServerConnection(
    address: try ServerAddress(url), now: Timestamp(milliseconds: 0))
  connection.retries.attempts = 1
  connection.timeout = .seconds(5)
  return connection
}

/// The alerts of a request as Alertmanager reads them.
func alerts(in request: SeenRequest) throws -> [JSONDocument] {
  try JSONDocument(JSONValue(parsing: request.body, source: "alerts"), source: "alerts").elements
}
