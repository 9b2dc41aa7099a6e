internal import Alerting
internal import Diagnostics
internal import Exporters
internal import Features
internal import Ingest
internal import LiveTelemetry
internal import Logging
internal import Scoring
internal import ScorerService
internal import Storage
internal import Synchronization
internal import Telemetry

/// Alerts about scored cells.
final class AlertingOutput: Sendable {
  /// Cells that wait at most.
  private static let longestQueue = 500_000
  /// How often the incidents file is looked at.
  private static let incidentsPause = TimeSpan.seconds(15)

  private let configuration: ScorerConfiguration
  private let output: ScorerConfiguration.AlertmanagerOutput
  private let targets: [ServerConnection]
  private let logger: Logger
  /// Links for verdicts, if there are any.
  let links: VerdictLinks?
  private let waiting = CellQueue<ScorerService.ScoredCell>(limit: longestQueue)
  private let current = Mutex<AlertDesk?>(nil)

  init(_ servers: Servers, logger: Logger, isTrial: Bool) throws {
    guard let output = servers.configuration.alertmanager else {
      preconditionFailure("no Alertmanager is configured")
    }
    self.output = output
    self.logger = logger
    configuration = servers.configuration
    targets = try output.urls.map {
      try servers.connection(
        $0, tokenFile: output.tokenFile, authorities: output.authorities, attempts: 1)
    }
    let keyFile = output.verdictKey ?? "\(configuration.state)/verdict.key"
    let isThere = FileSystem.item(at: keyFile, followingLinks: true) != nil
    if output.verdictKey != nil, !isThere { throw StorageError.notFound(path: keyFile) }
    if let base = output.scorerURL, configuration.verdicts != nil, !isTrial || isThere {
      _ = try FileSystem.createDirectories(at: configuration.state)
      links = try VerdictLinks(base: base, keyFile: keyFile)
    } else {
      links = nil
    }
  }

  /// The desk, once there is a model.
  var desk: AlertDesk? { current.withLock { $0 } }

  /// Takes a cell from the threads of connections.
  func take(_ cell: ScorerService.ScoredCell) { waiting.put(cell) }

  func run(_ scorer: Scorer) async throws {
    while true {
      let model = try await scorer.firstModel()
      let desk = try await desk(for: model, scorer)
      current.withLock { $0 = desk }
      // Before the first cell, or what begins in a muted time would be told.
      let incidents = await mute(desk, since: nil)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await desk.run() }
        group.addTask { try await self.mute(desk, from: incidents) }
        group.addTask { try await self.feed(desk, scorer, interval: model.interval) }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  private func desk(for model: ModelInUse, _ scorer: Scorer) async throws -> AlertDesk {
    var settings = AlertDesk.Settings(
      policy: AlertPolicy(hold: output.hold, keepFiring: output.keepFiring),
      text: AlertText(
        model: model.name, labels: output.labels, runbook: output.runbook,
        dashboard: output.dashboard, verdicts: links),
      targets: targets)
    let path = "\(configuration.state)/alerts.json"
    settings.statePath = path
    let witness = AlertWitness(scorer: scorer, logger: logger)
    let now = AlertClock.system.now()
    do {
      return try AlertDesk(settings, interval: model.interval, now: now, observer: witness)
    } catch let error as StorageError {
      // Alerts matter more than what was known before.
      scorer.metrics.countStateError()
      logger.error(
        "alerts of the time before are lost", metadata: ["error": "\(error.description)"])
      try? FileSystem.move(path, to: path + ".damaged")
      return try AlertDesk(settings, interval: model.interval, now: now, observer: witness)
    }
  }

  /// Hands cells to the desk, until there is a model of another interval: then those that wait are the
  /// next desk's. When it is cancelled, those that wait are handed over first.
  private func feed(_ desk: AlertDesk, _ scorer: Scorer, interval: TimeSpan) async throws {
    var model: ModelInUse?
    while true {
      if model?.digest != scorer.modelDigest {
        model = scorer.modelInUse
        if let model {
          guard model.interval == interval else { return }
          await desk.keep(
            only: Set(model.features.services.map(\.service)), now: AlertClock.system.now())
        }
      }
      try await hand(to: desk, model, scorer)
      try Task.checkCancellation()
      // It ends at once when cancelled; what came meanwhile is handed over then.
      try? await Task.sleep(for: .milliseconds(200))
    }
  }

  private func hand(
    to desk: AlertDesk, _ model: ModelInUse?, _ scorer: Scorer
  ) async throws {
    let (cells, dropped) = waiting.takeAll()
    if dropped > 0 {
      scorer.metrics.count(dropped: dropped, by: .alerts)
      logger.error(
        "scored cells were dropped before their alerts, as too many wait",
        metadata: ["count": "\(dropped)"])
    }
    guard !cells.isEmpty else { return }
    try await desk.take(
      cells.map { .init(service: $0.service, time: $0.time, score: $0.score) },
      now: AlertClock.system.now()
    ) { number in
      guard let model else { return nil }
      return try await elsewhere { self.details(of: cells[number], model) }
    }
  }

  private func details(of cell: ScorerService.ScoredCell, _ model: ModelInUse) -> AlertDetails {
    let reasons = cell.reasons()
    let causes = reasons.explanation?.causes ?? []
    return AlertDetails(
      explanation: causes.prefix(3).map(\.text).joined(separator: "; "),
      topFeatures: causes.map(\.text), logTemplates: reasons.lines.map(\.text),
      version: model.version, digest: "sha256:\(model.digest)")
  }

  /// Keeps the muted times those of the incidents file.
  private func mute(_ desk: AlertDesk, from status: FileStatus?) async throws {
    var status = status
    while true {
      try await Task.sleep(for: .milliseconds(Self.incidentsPause.milliseconds))
      status = await mute(desk, since: status)
    }
  }

  /// Reads the incidents file if it is another than the one that was read last.
  ///
  /// - Returns: The file that was read last.
  private func mute(_ desk: AlertDesk, since last: FileStatus?) async -> FileStatus? {
    guard let path = configuration.incidents else { return nil }
    do {
      let status = try FileSystem.status(of: path)
      if status != last { await desk.mute(try readIncidents(IncidentsSource(path: path))) }
      return status
    } catch {
      logger.warning(
        "the incidents file cannot be used; what was known stays",
        metadata: ["error": "\((error as? any DiagnosedError)?.description ?? "\(error)")"])
      return last
    }
  }
}

/// Passes on what becomes of alerts to metrics and log.
private struct AlertWitness: AlertObserver {
  let scorer: Scorer
  let logger: Logger

  func counted(_ outcome: AlertOutcome, _ count: Int) {
    let state: ScorerMetrics.AlertState =
      switch outcome {
      case .fired: .fired
      case .resolved: .resolved
      case .failed: .failed
      case .muted: .muted
      }
    for _ in 0..<count { scorer.metrics.count(state) }
    logger.info("alerts", metadata: ["state": "\(outcome.rawValue)", "count": "\(count)"])
  }

  func saw(firing: Int, queued: Int) { scorer.metrics.setAlerts(firing: firing, queued: queued) }

  func sendingFailed(_ message: String) {
    logger.warning("alerts wait", metadata: ["error": "\(message)"])
  }

  func stateFailed(_ message: String) {
    scorer.metrics.countStateError()
    logger.error("alerts cannot be kept on the disk", metadata: ["error": "\(message)"])
  }
}

extension ModelInUse {
  /// The distance of cells.
  var interval: TimeSpan { features.definition.interval }
}
