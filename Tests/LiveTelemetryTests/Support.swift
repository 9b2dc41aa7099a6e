import Companions
import Exporters
import Features
import Foundation
import LiveTelemetry
import Storage
import Synchronization
import Telemetry
import Testing
import Transport

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
final class Witness: LiveObserver {
  private let heard = Mutex<
    (
      counts: [SampleResult: Int], failures: [(LiveInput, InputFailure, String)],
      newest: [LiveInput: Timestamp]
    )
  >(([:], [], [:]))

  func counted(_ result: SampleResult, _ count: Int, from input: LiveInput) {
    heard.withLock { $0.counts[result, default: 0] += count }
  }

  func failed(_ input: LiveInput, _ failure: InputFailure, message: String) {
    heard.withLock { $0.failures.append((input, failure, message)) }
  }

  func received(upTo time: Timestamp, from input: LiveInput) {
    heard.withLock { $0.newest[input] = time }
  }

  var counts: [SampleResult: Int] { heard.withLock { $0.counts } }
  var failures: [(input: LiveInput, failure: InputFailure, message: String)] {
    heard.withLock { $0.failures }
  }
  var newest: [LiveInput: Timestamp] { heard.withLock { $0.newest } }
}

/// Clocks that stand still until somebody sleeps.
final class FakeClock: Sendable {
  private let state: Mutex<(wall: Int64, steady: Int64, jumps: [(at: Int64, by: Int64)])>

  init(_ start: Timestamp) { state = Mutex((start.milliseconds, 1_000_000, [])) }

  /// The time of day as it would be had nobody set it.
  var now: Timestamp { state.withLock { Timestamp(milliseconds: $0.wall) } }

  /// Somebody sets the time of day.
  func jump(by span: TimeSpan) { state.withLock { $0.wall += span.milliseconds } }

  func advance(by span: TimeSpan) {
    state.withLock {
      $0.wall += span.milliseconds
      $0.steady += span.milliseconds
    }
  }

  var clock: LiveClock {
    LiveClock(
      wall: { self.now }, steady: { self.state.withLock { $0.steady } },
      sleep: { span in
        try Task.checkCancellation()
        self.advance(by: span)
        await Task.yield()
      })
  }
}

/// A server that is asked a second time after a moment.
func connection(to url: String) throws -> ServerConnection {
  var connection = ServerConnection(
    address: try ServerAddress(url), now: Timestamp(milliseconds: 0))
  connection.retries.base = .milliseconds(1)
  connection.retries.attempts = 2
  connection.timeout = .seconds(5)
  return connection
}

/// One series as a server keeps it: its samples at the instants of an export.
struct KeptSeries: Sendable {
  var labels: [String: String]
  /// By instant in milliseconds.
  var samples: [Int64: Double]

  func text(_ times: [Int64]) -> String? {
    let values = times.compactMap { time in
      samples[time].map { "[\(Double(time) / 1000),\"\(Self.text($0))\"]" }
    }
    guard !values.isEmpty else { return nil }
    let metric = JSONValue.object(labels.mapValues { .string($0) }).text()
    return "{\"metric\":\(metric),\"values\":[\(values.joined(separator: ","))]}"
  }

  private static func text(_ value: Double) -> String {
    value.isNaN ? "NaN" : value == .infinity ? "+Inf" : "\(value)"
  }
}

/// The answer of a range query.
func matrix(_ series: [KeptSeries], _ times: [Int64]) -> String {
  let texts = series.compactMap { $0.text(times) }
  return #"{"status":"success","data":{"resultType":"matrix","result":["#
    + texts.joined(separator: ",") + "]}}"
}

/// Prometheus's query API over kept series.
struct PrometheusKeeper: Sendable {
  var series: [KeptSeries]
  /// The server's time.
  var now: @Sendable () -> Timestamp

  func answer(_ request: SeenRequest) -> StandInAnswer {
    let parameters = request.parameters
    if request.path == "/api/v1/query", parameters["query"] == "time()" {
      let time = now().seconds
      return .text(
        #"{"status":"success","data":{"resultType":"scalar","result":[\#(time),"\#(time)"]}}"#)
    }
    guard request.path == "/api/v1/query_range", let start = Double(parameters["start"] ?? ""),
      let end = Double(parameters["end"] ?? ""), let step = Double(parameters["step"] ?? "")
    else { return .text("404 page not found", status: 404) }
    let times = stride(from: Int64(start * 1000), through: Int64(end * 1000), by: Int(step * 1000))
    let query = parameters["query"] ?? ""
    let name = query.firstRange(of: "__name__=\"").map {
      String(query[$0.upperBound...].prefix { $0 != "\"" })
    }
    let asked = series.filter { name == nil || $0.labels["__name__"] == name }
    return .text(matrix(asked, Array(times)))
  }
}

/// Everything of a row that a model reads, in a form that can be compared: bits of values, and counts
/// by pattern.
struct ComparableRow: Hashable, CustomStringConvertible {
  var time: Timestamp
  var metrics: [UInt64]
  var logs: [String: Int]?
  var transitions: [String: Int]?

  init(_ row: TelemetryRow) {
    time = row.time
    metrics = row.metrics.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
    logs = row.logs.map { logs in
      Dictionary(logs.map { ("\($0.pattern.level) \($0.pattern.text)", $0.lines) }) { $0 + $1 }
    }
    transitions = row.transitions.map { pairs in
      Dictionary(pairs.map { ("\($0.from.text) > \($0.to.text)", $0.lines) }) { $0 + $1 }
    }
  }

  var description: String {
    "\(time) \(metrics.map { Double(bitPattern: $0) }) \(logs ?? [:]) \(transitions ?? [:])"
  }
}

/// The rows of a service in a dataset, by time.
func rows(of service: String, in dataset: Dataset, columns: [String]) -> [Timestamp: ComparableRow]
{
  guard let frame = dataset.services.first(where: { $0.service == service }) else { return [:] }
  let rows = FrameRows(frame: frame, grid: dataset.grid, columns: columns)
  return Dictionary(uniqueKeysWithValues: rows.map { ($0.time, ComparableRow($0)) })
}

/// What a model of a dataset would ask for: all columns of all services.
func schema(of dataset: Dataset, history: Int = 12) -> LiveSchema {
  LiveSchema(
    services: dataset.services.map {
      .init(name: $0.service, columns: $0.columns.map(\.name), readsLogs: $0.logs != nil)
    }, interval: dataset.grid.interval,
    serviceLabels: ["service", "app", "job", "pod"], history: history)
}
