internal import DatasetStore
public import Diagnostics
internal import Evaluation
public import Ingest
internal import LSTM
public import Pipeline
internal import Scoring
internal import Telemetry

/// Runs the pipeline on parts of a public dataset and measures every detector on every series.
///
/// Each part is read, trained on, calibrated and scored by itself. Labels of its test time are
/// opened when all boundaries are sealed, and measure only.
public struct BenchmarkRun: Sendable {
  private let rules: BenchmarkProtocol
  private let folder: String
  private let models: @Sendable (IngestConfiguration) throws -> PipelineConfiguration
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a run.
  ///
  /// - Parameters:
  ///   - folder: The dataset's folder.
  ///   - threads: Parts worked on at once; results do not depend on it.
  ///   - models: What is trained on a part, given how the part is read. Its split is the protocol's.
  public init(
    _ rules: BenchmarkProtocol, folder: String, threads: Int, progress: @escaping ProgressSink,
    models: @escaping @Sendable (IngestConfiguration) throws -> PipelineConfiguration
  ) {
    (self.rules, self.folder, self.models) = (rules, folder, models)
    (self.threads, self.progress) = (threads, progress)
  }

  /// Runs the parts.
  ///
  /// - Throws: The first error beyond too little data, in the order of parts: damaged files are no
  ///   reason to judge the rest. `BenchmarkError` when no part has enough.
  public func callAsFunction(parts: [String]) async throws -> BenchmarkResult {
    let counter = ProgressCounter(
      stage: "benchmark", total: parts.count, sink: progress)
    let outcomes = try await concurrentMap(parts, limit: threads) { part in
      defer { counter.advance(part) }
      do {
        let (series, logs) = try await measured(part)
        return (series: series, logs: logs, skipped: SkippedPart?.none)
      } catch let error as any DiagnosedError where isTooLittleData(error) {
        // One short part does not spoil the others, but it is told.
        return (
          series: [], logs: nil, skipped: SkippedPart(part: part, reason: error.description)
        )
      }
    }
    if outcomes.allSatisfy({ $0.series.isEmpty }), let first = outcomes.first?.skipped {
      throw BenchmarkError.nothingToCompare(
        parts: outcomes.count, example: first.part, reason: first.reason)
    }
    return BenchmarkResult(
      rules: rules, series: outcomes.flatMap(\.series), skipped: outcomes.compactMap(\.skipped),
      logs: outcomes.lazy.compactMap(\.logs).first)
  }

  private func measured(
    _ part: String
  ) async throws -> (series: [BenchmarkSeries], logs: LogComparison?) {
    let reader = rules.dataset.configuration(part: part, in: folder)
    var configuration = try models(reader)
    configuration.evaluation.split = rules.split
    var dataset = try ingest(reader)
    // Nothing is fitted with the help of labels, not even of those in the training time.
    let incidents = SealedLabels(dataset.incidents)
    dataset.incidents = []
    let times = FitTimes()
    let model = try await Training(
      configuration: configuration, threads: 1, progress: { _ in }, times: times
    )(dataset, digest: dataset.contentDigest)
    let sealed = try await JudgementStage(threads: 1, progress: { _ in }, times: times)
      .sealedScores(model, dataset)
    let logs = try rules.logTraining.map { try logScores(reader, dataset, training: $0) }
    let labels = incidents.open(with: sealed.seal)
    let cells = model.split.test.flatMap { Array(dataset.grid.indices(in: $0)) }
    guard !rules.judgesSystem else {
      let truth = SystemTruth(labels.incidents, dataset.grid, after: rules.toleranceAfter)
      let series = try measured(
        sealed.rows, truth, cells: cells, name: part,
        seconds: times.seconds.values.reduce(0, +))
      return (
        [series],
        logs.map {
          LogComparison(
            rules, metrics: sealed.rows, logs: $0, incidents: labels.incidents, truth: truth,
            dataset: dataset, cells: cells)
        }
      )
    }
    let series = try sealed.table.services.map { service in
      let truth = positive(service, labels.incidents, dataset.grid)
      let rows = try sealed.rows.compactMap { row -> (String, SeriesFigures?)? in
        guard let scores = row.services.first(where: { $0.service == service })?.scores
        else { return nil }
        return (
          row.name,
          try SeriesFigures(
            scores: cells.map { scores[$0] }, labels: cells.map { truth[$0] },
            vusWindow: rules.vusWindow, longestNotification: rules.longestNotification)
        )
      }
      return BenchmarkSeries(
        name: sealed.table.services.count == 1 ? part : "\(part)/\(service)", cells: cells.count,
        positiveCells: cells.count { truth[$0] },
        figures: Dictionary(
          rows.compactMap { name, figures in figures.map { (name, $0) } },
          uniquingKeysWith: { first, _ in first }),
        detectors: rows.map(\.0), seconds: times.seconds.values.reduce(0, +))
    }
    return (series, nil)
  }

  /// What the detector of logs says, fitted on the protocol's time alone.
  private func logScores(
    _ reader: IngestConfiguration, _ dataset: Dataset, training: TimeRange
  ) throws -> LogScores {
    LogScores(
      try LogScores.tracedLogs(reader), recorded: LogScores.recorded(dataset), grid: dataset.grid,
      training: dataset.grid.indices(in: training))
  }

  /// All services as one series.
  private func measured(
    _ rows: [DetectorScores], _ truth: SystemTruth, cells: [Int], name: String, seconds: Double
  ) throws -> BenchmarkSeries {
    let cells = cells.filter { !truth.isExcluded[$0] }
    var figures: [String: SeriesFigures] = [:]
    for row in rows {
      let scores = greatest(of: row.services.map(\.scores))
      figures[row.name] = try SeriesFigures(
        scores: cells.map { scores[$0] }, labels: cells.map { truth.isIncident[$0] },
        vusWindow: rules.vusWindow, longestNotification: rules.longestNotification)
    }
    return BenchmarkSeries(
      name: name, cells: cells.count, positiveCells: cells.count { truth.isIncident[$0] },
      figures: figures, detectors: rows.map(\.name), seconds: seconds)
  }

  /// Whether a part is whole but too short for the split.
  private func isTooLittleData(_ error: any DiagnosedError) -> Bool {
    switch error {
    case PipelineError.emptySplit, PipelineError.nothingToTrain, ScoringError.nothingToCalibrate,
      LSTMError.noTargets, LSTMError.noWindows:
      true
    default: false
    }
  }

  private func positive(_ service: String, _ incidents: [Incident], _ grid: TimeGrid) -> [Bool] {
    var truth = [Bool](repeating: false, count: grid.count)
    for incident in incidents where incident.concerns(service) && incident.role == .incident {
      for cell in grid.indices(touching: incident.start, incident.resolved) { truth[cell] = true }
    }
    return truth
  }
}
