internal import Synchronization
public import Telemetry

/// What a scorer counts and measures; `/metrics` shows it.
///
/// Everything is there from the start, at zero, so that rates and alert rules miss no first event.
public final class ScorerMetrics: Sendable {
  /// What requests are for.
  public enum Endpoint: String, CaseIterable, Sendable {
    /// Rows in the Open Inference Protocol.
    case infer
    /// Rows in plain JSON.
    case rows
    /// A Prometheus's remote write.
    case write
    /// Rows that were pulled.
    case pull
    /// Health and metadata.
    case health
    /// Verdict links.
    case verdicts
    /// Anything else.
    case other
  }

  /// Where rows come from.
  public enum Input: String, CaseIterable, Sendable {
    /// A Prometheus that is asked.
    case prometheus
    /// A Loki that is asked.
    case loki
    /// Clients that send rows.
    case push
    /// A Prometheus that writes.
    case remoteWrite = "remote_write"
  }

  /// How a change of models ended.
  enum Reload: String, CaseIterable { case success, failure }

  /// Why an input failed.
  public enum InputFailure: String, CaseIterable, Sendable {
    /// It does not answer.
    case unavailable
    /// It refuses our credentials.
    case credentials
    /// Its answer cannot be read.
    case unexpectedAnswer = "unexpected_answer"
    /// Its clock and ours disagree.
    case clockJump = "clock_jump"
    /// It answers later than allowed.
    case timeout
    /// Its answer is larger than allowed.
    case tooLarge = "too_large"
  }

  /// What became of alerts.
  public enum AlertState: String, CaseIterable, Sendable {
    /// One began.
    case fired
    /// One ended.
    case resolved
    /// One could not be sent for now.
    case failed
    /// One was not sent because of a known incident.
    case muted
  }

  /// Where scored cells go.
  public enum Output: String, CaseIterable, Sendable {
    /// Those who decide on alerts.
    case alerts
    /// A Prometheus that scores are written to.
    case scores
  }

  let samples = CounterFamily<RowOutcome>()
  let reloads = CounterFamily<Reload>()
  let reloadFailed = Gauge()
  let stateErrors = Counter()
  private let alerts = CounterFamily<AlertState>()
  private let droppedCells = CounterFamily<Output>()
  private let firing = Gauge()
  private let alertQueue = Gauge()
  private let requests = Mutex<[String: Int]>([:])
  private let inferred = Counter()
  private let taken = Counter()
  let queueing: [Endpoint: Histogram]
  let computing: [Endpoint: Histogram]
  private let inputErrors = Mutex<[String: Int]>([:])
  private let newest: [Input: Gauge]
  private let usedInputs: Set<Input>

  init(inputs: Set<Input>) {
    usedInputs = inputs
    func perEndpoint() -> [Endpoint: Histogram] {
      Dictionary(
        uniqueKeysWithValues: [Endpoint.infer, .rows, .write, .pull].map { ($0, Histogram()) })
    }
    (queueing, computing) = (perEndpoint(), perEndpoint())
    newest = Dictionary(uniqueKeysWithValues: Input.allCases.map { ($0, Gauge()) })
    requests.withLock {
      for (endpoint, codes) in [
        (Endpoint.infer, [200, 400, 401, 404, 408, 413, 429, 503]),
        (.rows, [200, 400, 401, 404, 408, 413, 429, 503]),
        (.write, [204, 400, 401, 408, 413, 415, 429, 503]), (.health, [200, 401, 404, 503]),
        (.verdicts, [200, 400, 401, 403, 408, 413, 429, 503]), (.other, [401, 404]),
      ] {
        for code in codes { $0[Self.key(endpoint, code)] = 0 }
      }
    }
    inputErrors.withLock {
      for input in inputs where input != .push {
        for reason in InputFailure.allCases { $0[Self.key(input, reason)] = 0 }
      }
    }
  }

  private static func key(_ endpoint: Endpoint, _ code: Int) -> String {
    "endpoint=\"\(endpoint.rawValue)\",code=\"\(code)\""
  }

  private static func key(_ input: Input, _ reason: InputFailure) -> String {
    "input=\"\(input.rawValue)\",reason=\"\(reason.rawValue)\""
  }

  func count(_ endpoint: Endpoint, _ code: Int) {
    // Nearly all there are.
    if endpoint == .infer, code == 200 { return inferred.add() }
    if endpoint == .rows, code == 200 { return taken.add() }
    let key = Self.key(endpoint, code)
    requests.withLock { $0[key, default: 0] += 1 }
  }

  /// Counts a failure of an input.
  public func count(_ input: Input, failure: InputFailure) {
    let key = Self.key(input, failure)
    inputErrors.withLock { $0[key, default: 0] += 1 }
  }

  /// Counts what became of an alert.
  public func count(_ state: AlertState) { alerts[state].add() }

  /// Counts scored cells that an output could not keep or send.
  public func count(dropped cells: Int, by output: Output) { droppedCells[output].add(cells) }

  /// Says how many alerts fire, and how many messages wait for Alertmanager.
  public func setAlerts(firing: Int, queued: Int) {
    (self.firing.value, alertQueue.value) = (Double(firing), Double(queued))
  }

  /// Says how far an input has come.
  public func advance(_ input: Input, to time: Timestamp) {
    guard let gauge = newest[input] else { return }
    gauge.value = max(gauge.value, time.seconds)
  }

  /// Counts samples that an input refused itself.
  public func count(_ outcome: RowOutcome, samples count: Int) { samples[outcome].add(count) }

  /// Appends what does not belong to a service or a model.
  func write(to text: inout Exposition) {
    text.counter("samples_total", "Values received, by what became of them.") {
      for outcome in RowOutcome.allCases {
        $0("result=\"\(outcome.rawValue)\"", Double(samples[outcome].value))
      }
    }
    text.counter("requests_total", "Requests answered.") { add in
      var all = requests.withLock { $0 }
      all[Self.key(.infer, 200)] = inferred.value
      all[Self.key(.rows, 200)] = taken.value
      for (key, value) in all.sorted(by: { $0.key < $1.key }) { add(key, Double(value)) }
    }
    text.histogram(
      "queue_seconds", "From the arrival of rows to the beginning of scoring.", queueing)
    text.histogram("compute_seconds", "Reading, scoring and answering rows.", computing)
    text.gauge("input_timestamp_seconds", "The newest sample of an input; 0 before any.") {
      for input in Input.allCases where usedInputs.contains(input) {
        $0("input=\"\(input.rawValue)\"", newest[input]?.value ?? 0)
      }
    }
    text.counter("input_errors_total", "Failures of inputs that are asked.") { add in
      for (key, value) in inputErrors.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
        add(key, Double(value))
      }
    }
    text.counter("reloads_total", "Changes of models.") {
      for result in Reload.allCases {
        $0("result=\"\(result.rawValue)\"", Double(reloads[result].value))
      }
    }
    text.gauge("reload_failed", "Whether the last change of models failed.") {
      $0("", reloadFailed.value)
    }
    text.counter("state_errors_total", "State that could not be written or read.") {
      $0("", Double(stateErrors.value))
    }
    text.gauge("alerts_firing", "Alerts that are under way.") { $0("", firing.value) }
    text.counter("alerts_total", "Alerts, by what became of them.") {
      for state in AlertState.allCases {
        $0("state=\"\(state.rawValue)\"", Double(alerts[state].value))
      }
    }
    text.gauge("alert_queue", "Messages that wait for Alertmanager.") { $0("", alertQueue.value) }
    text.counter("dropped_cells_total", "Scored cells that an output could not keep or send.") {
      for output in Output.allCases {
        $0("output=\"\(output.rawValue)\"", Double(droppedCells[output].value))
      }
    }
  }
}
