internal import Diagnostics
internal import Exporters
internal import Ingest
internal import Storage
public import Telemetry
internal import Transport

/// Asks Prometheus, Loki or both for the newest cells, one fetch per interval.
///
/// Answers go through ingest's own layout, so that rows are those of an export of the same time. A
/// cell is asked for once it has been over for `delay`, together with the time before it that its
/// counters need. After an outage cells are caught up on in order; rows of a service are always of
/// consecutive cells, but for an outage longer than `catchUp`.
public struct PullSource: Sendable {
  /// How the source works beside what it asks.
  public struct Settings: Sendable {
    /// How long after its end a cell is asked for, so that late scrapes are in it.
    public var delay = TimeSpan.seconds(30)
    /// How long the lines of a cell are waited for beyond that, before its rows go without logs; nil
    /// for one interval.
    public var patience: TimeSpan?
    /// Cells that are caught up on after an outage; nil for as many as the windows reach back.
    public var catchUp: Int?
    /// Cells that are asked for at once at most; fewer while answers are too large.
    public var batch = 240
    /// Limits of what is taken.
    public var limits = LiveLimits()
    /// The clocks.
    public var clock = LiveClock.system

    /// The defaults.
    public init() {}
  }

  /// Milliseconds after which the server is asked for its time again.
  private static let hearing: Int64 = 20_000

  private let schema: LiveSchema
  private let prometheus: PrometheusFetch?
  private let loki: LokiFetch?
  private let settings: Settings
  private let observer: any LiveObserver
  private let assembly: RowAssembly
  private let numbers: CellNumbers

  /// Makes a source.
  ///
  /// - Throws: `LiveError.invalidInput` for a step that does not divide the interval, an empty list
  ///   of queries, or neither input.
  public init(
    _ schema: LiveSchema, prometheus: PrometheusInput?, loki: LokiInput?,
    settings: Settings = Settings(), observer: any LiveObserver = SilentObserver()
  ) throws(LiveError) {
    guard prometheus != nil || loki != nil else {
      throw .invalidInput(reason: "neither prometheus nor loki is given")
    }
    if let prometheus {
      let (interval, step) = (schema.interval.milliseconds, prometheus.step.milliseconds)
      guard step > 0, interval % step == 0 else {
        throw .invalidInput(
          reason: "prometheus.step \(prometheus.step) does not divide the model's interval "
            + "\(schema.interval)")
      }
      guard !prometheus.queries.isEmpty else {
        throw .invalidInput(reason: "prometheus.match is empty")
      }
    }
    if let loki, loki.queries.isEmpty { throw .invalidInput(reason: "loki.query is empty") }
    let router = SeriesRouter(schema, limits: settings.limits)
    let numbers = CellNumbers(schema)
    self.schema = schema
    self.settings = settings
    self.observer = observer
    self.numbers = numbers
    assembly = RowAssembly(schema, limits: settings.limits)
    self.prometheus = prometheus.map {
      PrometheusFetch(input: $0, router: router, numbers: numbers, limits: settings.limits)
    }
    self.loki = loki.map {
      LokiFetch(input: $0, router: router, numbers: numbers, limits: settings.limits)
    }
  }

  /// The rows of all cells that end in a time, oldest first, each cell by service.
  ///
  /// - Throws: What an input failed with.
  public func rows(endingIn time: TimeRange) async throws -> [LiveRow] {
    let first = numbers.last(endedBy: time.start) + 1
    let last = numbers.last(endedBy: time.end)
    guard first <= last else { return [] }
    var rows: [LiveRow] = []
    var (next, portion) = (first, Portion(most: settings.batch))
    while next <= last {
      let part = try await fetch(&portion, of: next...last, isLastTry: false)
      rows += part.rows
      next = part.cells.upperBound + 1
    }
    return rows
  }

  /// Hands rows on as cells are over, until it is cancelled.
  ///
  /// - Parameters:
  ///   - last: The last cell that was scored, if any: it goes on behind it where `catchUp` reaches that
  ///     far back. Without one it begins with the model's history.
  ///   - deliver: Takes rows in the order of time, all services of a cell at once.
  /// - Throws: `CancellationError`, and what `deliver` throws; failures of inputs are told to the
  ///   observer and tried again.
  public func run(
    after last: Timestamp? = nil, _ deliver: ([LiveRow]) async throws -> Void
  ) async throws {
    let clock = settings.clock
    let tolerance = max(.seconds(5), TimeSpan(milliseconds: schema.interval.milliseconds / 2))
    var judge = ClockJudge(wall: clock.wall(), steady: clock.steady(), tolerance: tolerance)
    var next = last.map { numbers.last(endedBy: $0) + 1 }
    // Cells whose lines are waited for must not be left out meanwhile.
    let patience = settings.patience ?? schema.interval
    let waits = Int(patience.milliseconds / schema.interval.milliseconds) + 2
    let reach = max(settings.catchUp ?? schema.history, waits)
    var (wasDisputed, failures) = (false, 0)
    var heard: Int64?
    var portion = Portion(most: settings.batch)
    while true {
      try Task.checkCancellation()
      if clock.steady() - (heard ?? .min / 2) >= Self.hearing {
        await hear(&judge)
        heard = clock.steady()
      }
      let (now, isDisputed) = judge.judge(wall: clock.wall(), steady: clock.steady())
      if isDisputed, !wasDisputed {
        observer.failed(
          prometheus == nil ? .loki : .prometheus, .clockJump,
          message: "clocks are more than \(tolerance) apart; this machine says \(clock.wall()), "
            + "taken is \(now)")
      }
      wasDisputed = isDisputed
      let ready = numbers.last(endedBy: Timestamp(milliseconds: now.milliseconds) - settings.delay)
      var first = next ?? ready - schema.history + 1
      first = max(first, ready - max(reach, next == nil ? schema.history : 1) + 1)
      guard first <= ready else {
        // Short naps, since clocks may be set meanwhile.
        let due = numbers.end(of: first) + settings.delay
        try await clock.sleep(
          min(max(due - now, .seconds(0)) + .init(milliseconds: 1), .seconds(5)))
        continue
      }
      do {
        let isLastTry = now - settings.delay - patience >= numbers.end(of: first)
        let part = try await fetch(&portion, of: first...ready, isLastTry: isLastTry)
        try Task.checkCancellation()
        try await deliver(part.rows)
        (next, failures) = (part.cells.upperBound + 1, 0)
      } catch is FetchFailure {
        // Told already. Longer and longer pauses, up to half a minute and never beyond a cell.
        next = first
        failures += 1
        let pause = min(30_000, 1000 << min(failures - 1, 5))
        try await clock.sleep(.init(milliseconds: min(Int64(pause), schema.interval.milliseconds)))
      }
    }
  }

  /// An input failed, as the observer was told.
  private struct FetchFailure: Error {}

  /// Fetches the first of cells, as many as answers have room for.
  private func fetch(
    _ portion: inout Portion, of cells: ClosedRange<Int>, isLastTry: Bool
  ) async throws -> (cells: ClosedRange<Int>, rows: [LiveRow]) {
    while true {
      let part = portion.first(of: cells)
      do {
        let rows = try await fetch(part, isLastTry: isLastTry)
        portion.succeed(with: part.count)
        return (part, rows)
      } catch is TooMuch {
        // Nothing is lost: a single cell is never too much.
        portion.halve(from: part.count)
      }
    }
  }

  /// - Throws: `TooMuch` for several cells of which an answer is too large; `FetchFailure`.
  private func fetch(
    _ cells: ClosedRange<Int>, isLastTry: Bool
  ) async throws -> [LiveRow] {
    var samples = PrometheusFetch.Result()
    if let prometheus {
      samples = try await asking(.prometheus) {
        try await withClient(prometheus.input.connection) {
          try await prometheus.samples(cells, $0)
        }
      }
    }
    var lines: LokiFetch.Result?
    if let loki {
      do {
        lines = try await asking(.loki) {
          try await withClient(loki.input.connection) { try await loki.lines(cells, $0) }
        }
      } catch let failure as FetchFailure {
        // Metrics are worth more than nothing.
        guard isLastTry, prometheus != nil else { throw failure }
      }
    }
    let (series, found) = (samples.series, lines?.lines)
    let rows = try await asking(prometheus == nil ? .loki : .prometheus) {
      try await elsewhere { [assembly] in
        try assembly.rows(of: cells, series: series, lines: found, source: "live telemetry")
      }
    }
    samples.counts.tell(observer, of: .prometheus)
    for loss in samples.losses {
      observer.failed(.prometheus, .unexpectedAnswer, message: loss)
    }
    lines?.counts.tell(observer, of: .loki)
    for loss in lines?.losses ?? [] { observer.failed(.loki, .unexpectedAnswer, message: loss) }
    // Silence is an answer too.
    if lines != nil { observer.received(upTo: numbers.end(of: cells.upperBound), from: .loki) }
    return rows
  }

  /// Does work, and tells the observer why it failed.
  private func asking<Value: Sendable>(
    _ input: LiveInput, _ work: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await work()
    } catch is CancellationError {
      throw CancellationError()
    } catch let error as TooMuch {
      throw error
    } catch {
      try Task.checkCancellation()
      let (failure, message) = meaning(of: error)
      observer.failed(input, failure, message: message)
      throw FetchFailure()
    }
  }

  /// Asks the server for its time; one that does not tell has no voice.
  private func hear(_ judge: inout ClockJudge) async {
    guard let prometheus else { return }
    var connection = prometheus.input.connection
    connection.retries.attempts = 1
    guard
      let time = try? await withClient(connection, { try await prometheus.serverTime($0) })
    else { return }
    judge.hear(time, steady: settings.clock.steady())
  }
}

/// What an error of an input means for those who watch it.
func meaning(of error: any Error) -> (failure: InputFailure, message: String) {
  let text = (error as? any DiagnosedError)?.description ?? "\(error)"
  let failure: InputFailure =
    switch error {
    case ExportError.unavailable: .unavailable
    case ExportError.refused(_, 401, _), ExportError.refused(_, 403, _), ExportError.credentials,
      ExportError.untrusted, ExportError.storage:
      .credentials
    case let error as TransportError:
      switch error {
      case .unavailable: .unavailable
      case .credentials, .untrusted: .credentials
      default: .unexpectedAnswer
      }
    default: .unexpectedAnswer
    }
  return (failure, firstLine(text))
}
