public import Features
internal import Logging
internal import Registry
internal import Scoring
internal import Storage
internal import Synchronization
public import Telemetry

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A cell that was scored, for whoever wants to know.
public struct ScoredCell: Sendable {
  /// The service.
  public let service: String
  /// The end of the cell.
  public let time: Timestamp
  /// The ensemble's calibrated score; NaN is none.
  public let score: Float
  /// Whether a process before this one had scored it, and may have been killed before it told anybody.
  public let isRestored: Bool
  /// Why. Takes milliseconds: ask when it matters.
  public let reasons: @Sendable () -> CellReasons
}

/// The engine of the service: takes rows from any input, scores them with the model in use, keeps what
/// services remember, and tells of it.
public final class Scorer: Sendable {
  /// What it does.
  public let configuration: ScorerConfiguration
  /// What it counts.
  public let metrics: ScorerMetrics
  let gate = FleetGate()
  let logger: Logger
  private let store: StateStore
  private let clock: @Sendable () -> Timestamp
  private let sinks: [@Sendable (ScoredCell) -> Void]
  private let draining = Atomic<Bool>(false)

  init(
    _ configuration: ScorerConfiguration, logger: Logger,
    clock: @escaping @Sendable () -> Timestamp = Timestamp.now,
    sinks: [@Sendable (ScoredCell) -> Void] = []
  ) {
    self.configuration = configuration
    var inputs: Set<ScorerMetrics.Input> = []
    if configuration.inputs.prometheus != nil { inputs.insert(.prometheus) }
    if configuration.inputs.loki != nil { inputs.insert(.loki) }
    if configuration.inputs.push { inputs.insert(.push) }
    if configuration.inputs.remoteWrite { inputs.insert(.remoteWrite) }
    metrics = ScorerMetrics(inputs: inputs)
    self.logger = logger
    self.clock = clock
    self.sinks = sinks
    store = StateStore(folder: configuration.state, metrics: metrics, logger: logger)
  }

  /// Whether a model is loaded, verified and warm, and no end is near.
  public var isReady: Bool { !draining.load(ordering: .relaxed) && gate.current != nil }

  /// Whether it is about to end.
  var isDraining: Bool { draining.load(ordering: .relaxed) }

  /// Stops being ready.
  func drain() { draining.store(true, ordering: .relaxed) }

  var now: Timestamp { clock() }

  /// What rows of a service are made of under the model in use: the names of the metric columns in
  /// the order of `TelemetryRow.metrics`, and the distance of cells. Nil while there is no model.
  public var signature: (services: [ServiceFeatureModel], interval: TimeSpan, history: Int)? {
    gate.current.map { ($0.model.services, $0.model.interval, $0.model.historyLength) }
  }

  /// The end of the last cell of a service that was taken, for an input that goes on from there.
  public func lastTime(of service: String) -> Timestamp? {
    gate.use { fleet in
      guard let fleet, let place = fleet.model.names.place(of: service) else { return nil }
      return fleet.cells[place].state.withLock { $0.last }
    }
  }

  /// Takes rows of an input of our own in the order of each service's time, with the columns of
  /// `signature`.
  ///
  /// The input has judged their time: it knows the server's clock where this machine's is wrong, and
  /// goes as far back as the windows reach. So `limits.oldest` and `limits.ahead` do not count here.
  ///
  /// How far the input has come is for itself to say (`ScorerMetrics.advance`): it makes rows of cells
  /// in which nobody knows anything, too.
  ///
  /// - Returns: What became of each; nil when there is no model.
  @discardableResult
  public func take(
    _ rows: [(service: String, row: TelemetryRow)], from input: ScorerMetrics.Input
  ) -> [ScoredRow]? {
    let start = ContinuousClock.now
    let scored = gate.use { fleet -> [ScoredRow]? in
      guard let fleet else { return nil }
      var journal = JournalRecord()
      let scored = rows.map { service, row -> ScoredRow in
        guard let place = fleet.model.names.place(of: service),
          row.metrics.count == fleet.model.services[place].metricColumns.count
        else { return count(ScoredRow(.unknownSeries), row.metrics.count) }
        return score(
          row, place: place, fleet: fleet, samples: row.knownSamples, journal: &journal)
      }
      store.append(&journal)
      return scored
    }
    metrics.computing[.pull]?.observe((ContinuousClock.now - start).seconds)
    return scored
  }

  /// Takes the rows of a request within one use of the gate.
  func take(_ batch: RowBatch, fleet: Fleet) -> [ScoredRow] {
    let now = clock()
    var journal = JournalRecord()
    var newest: Timestamp?
    var places: [Int] = []
    var scored: [ScoredRow] = []
    scored.reserveCapacity(batch.rows.count)
    for row in batch.rows {
      guard let place = row.place else {
        scored.append(count(ScoredRow(.unknownSeries), max(1, row.values.count)))
        continue
      }
      let columns = fleet.model.services[place].metricColumns.count
      let telemetry = TelemetryRow(
        time: row.time, metrics: batch.metrics(row, columns: columns), logs: row.logs,
        transitions: row.transitions)
      let result =
        refusal(of: telemetry, now: now)
        ?? score(
          telemetry, place: place, fleet: fleet, samples: max(1, row.values.count),
          journal: &journal)
      if result.outcome == .accepted, telemetry.knownSamples > 0 {
        newest = max(newest ?? row.time, row.time)
      }
      if result.outcome == .accepted { places.append(place) }
      scored.append(result)
    }
    store.append(&journal)
    fleet.step(places)
    if let newest { metrics.advance(.push, to: newest) }
    return scored
  }

  /// What becomes of a client's row whose time alone speaks against it.
  private func refusal(of row: TelemetryRow, now: Timestamp) -> ScoredRow? {
    let limits = configuration.limits
    if row.time > now + limits.ahead { return count(ScoredRow(.future), row.metrics.count) }
    if row.time < now - limits.oldest { return count(ScoredRow(.stale), row.metrics.count) }
    return nil
  }

  /// Scores a row.
  ///
  /// - Parameter samples: As what it counts when it is accepted.
  private func score(
    _ row: TelemetryRow, place: Int, fleet: Fleet, samples: Int, journal: inout JournalRecord
  ) -> ScoredRow {
    guard place < configuration.limits.services else {
      return count(ScoredRow(.dropped), row.metrics.count)
    }
    guard let scores = fleet.push(row, place: place) else {
      return count(ScoredRow(.stale), row.metrics.count)
    }
    journal.add(row, service: fleet.model.services[place].service)
    if !sinks.isEmpty { tell(row, place: place, fleet: fleet, scores: scores) }
    metrics.samples[.accepted].add(samples)
    return ScoredRow(.accepted, scores: scores)
  }

  private func count(_ row: ScoredRow, _ samples: Int) -> ScoredRow {
    metrics.samples[row.outcome].add(max(1, samples))
    return row
  }

  private func tell(
    _ row: TelemetryRow, place: Int, fleet: Fleet, scores: [Float], isRestored: Bool = false
  ) {
    let cell = ScoredCell(
      service: fleet.model.services[place].service, time: row.time, score: scores.last ?? .nan,
      isRestored: isRestored,
      reasons: { fleet.reasons(of: place, at: row.time) })
    for sink in sinks { sink(cell) }
  }
}

extension Scorer {
  /// Puts models to use; services go on as far as the models allow.
  func use(_ model: ServedModel, shadow: ServedModel?) async {
    _ = try? await offLoop { [self] in
      if let former = gate.current {
        let fleet = former.successor(model, shadow: shadow)
        gate.change { current in
          fleet.catchUp(with: former)
          store.begin(fleet)
          current = fleet
        }
        store.save(fleet)
      } else {
        let fleet = Fleet(model, shadow: shadow)
        store.restore(into: fleet) { row, place, scores in
          tell(row, place: place, fleet: fleet, scores: scores, isRestored: true)
        }
        gate.change {
          store.begin(fleet)
          $0 = fleet
        }
        store.save(fleet)
      }
      returnMemory()
    }
  }

  /// Writes what services remember for the next process.
  func finish() async {
    _ = try? await offLoop { [self] in
      if let fleet = gate.current { store.save(fleet) }
    }
  }

  /// Writes what services remember, if anything came since the last time.
  func save() async {
    _ = try? await offLoop { [self] in
      if let fleet = gate.current { store.saveIfNeeded(fleet) }
    }
  }
}

/// Gives back what reading a model took: several times what the model keeps, in pieces between which the
/// allocator holds on to the rest.
private func returnMemory() {
  #if canImport(Glibc)
    typealias Trim = @convention(c) (Int) -> CInt
    // Glibc has it, and its module in Swift does not.
    guard let trim = unsafe dlsym(nil, "malloc_trim") else { return }
    _ = unsafe unsafeBitCast(trim, to: Trim.self)(0)
  #endif
}

extension TelemetryRow {
  /// Values that are there, and log lines.
  fileprivate var knownSamples: Int {
    metrics.count { !$0.isNaN } + (logs ?? []).reduce(0) { $0 + $1.lines }
  }
}

extension Timestamp {
  /// The system's clock.
  @Sendable static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

extension Duration {
  /// The length in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
