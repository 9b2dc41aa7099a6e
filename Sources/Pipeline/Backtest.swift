internal import DatasetStore
public import Diagnostics
public import Evaluation
internal import Scoring
public import Storage
public import Telemetry

/// How a walk-forward backtest divides the time.
public struct BacktestPlan: Hashable, Sendable {
  /// Models that are fitted, one after the other.
  public var folds = 4
  /// The share of the time before the first fold's test.
  public var first = 0.4
  /// The last share of each fold's fitted time, on which thresholds are fixed.
  public var calibration = 0.3
  /// Time between fitted time and test.
  public var embargo = TimeSpan.zero
  /// The longest time that a fold is fitted on; nil fits on all that came before.
  public var history: TimeSpan?

  /// Makes the default plan.
  public init() {}

  /// The folds' splits of a grid: each is tested on the time up to the next one's refit.
  ///
  /// - Throws: `PipelineError.emptySplit` when a fold has a part without cells.
  public func splits(_ grid: TimeGrid) throws -> [Split] {
    let start = grid.range.start
    let length = Double(grid.range.length.milliseconds)
    func instant(_ share: Double) -> Timestamp {
      start + TimeSpan(milliseconds: Int64((share * length).rounded()))
    }
    return try (0..<folds).map { fold in
      let refit = instant(first + (1 - first) * Double(fold) / Double(folds))
      let end = instant(first + (1 - first) * Double(fold + 1) / Double(folds))
      let from = history.map { max(start, refit - $0) } ?? start
      let fitted = Double((refit - from).milliseconds)
      let fixing = refit - TimeSpan(milliseconds: Int64((fitted * calibration).rounded()))
      guard from < fixing, fixing < refit, refit + embargo < end else {
        throw PipelineError.emptySplit(part: "fold \(fold + 1)", range: grid.range)
      }
      return try SplitPlan.ranges(
        train: [TimeRange(start: from, end: fixing)],
        calibration: [TimeRange(start: fixing, end: refit)],
        test: [TimeRange(start: refit + embargo, end: end)]
      ).split(grid, publishedTestStart: nil)
    }
  }
}

/// What one fold of a backtest found.
public struct BacktestFold: Hashable, Sendable {
  /// The fold's division of time.
  public var split: Split
  /// Its own evaluation; nil without an incident in its test time.
  public var result: EvaluationResult?
}

/// What a walk-forward backtest found.
public struct BacktestResult: Sendable {
  /// All folds' test times together, each scored by the model of its fold.
  public var pooled: EvaluationResult
  /// What lies behind it.
  public var detail: EvaluationDetail
  /// The primary row's scores by service over the whole grid.
  public var scores: [ServiceScores]
  /// The folds in the order of time.
  public var folds: [BacktestFold]
  /// Rows that some fold lacks; they are in no figure.
  public var dropped: [String]

  /// The result as a document.
  public func json() -> JSONValue {
    [
      "format": "autopilotops.backtest/1",
      "pooled": pooled.json(),
      "dropped": .array(dropped.map(JSONValue.string)),
      "folds": .array(
        folds.map { ["split": $0.split.json(), "evaluation": $0.result?.json() ?? .null] }),
    ]
  }
}

/// Fits, calibrates and tests again and again along the time, as a nightly job would have.
///
/// Each fold sees the data up to the end of its own test and nothing later, and is fitted on the
/// time before it. Incidents of the time that it is fitted on are known to it, later ones are not.
public struct Backtest: Sendable {
  private let configuration: PipelineConfiguration
  private let plan: BacktestPlan
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a backtest; the configuration's own split is not used.
  ///
  /// - Parameter threads: Folds worked on at once; results do not depend on it.
  public init(
    configuration: PipelineConfiguration, plan: BacktestPlan, threads: Int,
    progress: @escaping ProgressSink
  ) {
    (self.configuration, self.plan) = (configuration, plan)
    (self.threads, self.progress) = (threads, progress)
  }

  private struct Outcome: Sendable {
    var fold: BacktestFold
    var rows: [DetectorScores]
    var digest: String
  }

  /// Runs the folds.
  ///
  /// - Throws: The error of the first fold that fails, such as `PipelineError` for too little data.
  public func callAsFunction(_ dataset: Dataset) async throws -> BacktestResult {
    let grid = dataset.grid
    let splits = try plan.splits(grid)
    let counter = ProgressCounter(stage: "backtest", total: splits.count, sink: progress)
    let outcomes = try await concurrentMap(
      Array(splits.enumerated()), limit: threads
    ) { fold, split in
      defer { counter.advance("fold \(fold + 1)") }
      return try await outcome(of: split, dataset)
    }
    let names = outcomes.map { $0.rows.map(\.name) }
    let shared = names[0].filter { name in names.allSatisfy { $0.contains(name) } }
    let rows = shared.map { pooled($0, outcomes, grid) }
    // Every cell is scored by a model that was fitted before it, which the folds' own seals proved.
    let seal = try ThresholdSeal(
      boundaries: shared.map { .init(detector: $0, value: Double(alertBoundary)) }, seen: [],
      digest: SHA256Digest.hexadecimal(
        of: Array(outcomes.map(\.digest).joined(separator: "\n").utf8)))
    let labels = SealedLabels(dataset.incidents).open(with: seal)
    let result = try evaluate(rows, against: labels, plan: plan(grid, splits.flatMap(\.test)))
    return BacktestResult(
      pooled: result,
      detail: EvaluationDetail(
        of: result, rows, against: labels,
        calibration: [], primary: ScoringModel.ensembleName),
      scores: rows.first { $0.name == ScoringModel.ensembleName }?.services ?? [],
      folds: outcomes.map(\.fold),
      dropped: Set(names.joined()).subtracting(shared).sorted())
  }

  private func outcome(of split: Split, _ dataset: Dataset) async throws -> Outcome {
    var configuration = configuration
    configuration.evaluation.split = .ranges(
      train: split.train, calibration: split.calibration, test: split.test)
    let visible = dataset.upTo(split.test[0].end)
    let model = try await Training(
      configuration: configuration, threads: 1, progress: { _ in }
    )(visible, digest: visible.contentDigest)
    let sealed = try await JudgementStage(threads: 1, progress: { _ in }).sealedScores(
      model, visible)
    let labels = SealedLabels(visible.incidents).open(with: sealed.seal)
    let result = try judged(sealed.rows, labels, plan(visible.grid, split.test))
    let rows = sealed.rows.map { row in
      DetectorScores(
        name: row.name,
        services: row.services.map { service in
          ServiceScores(
            service: service.service,
            scores: service.scores
              + Array(repeating: .nan, count: dataset.grid.count - service.scores.count))
        })
    }
    return Outcome(
      fold: BacktestFold(split: split, result: result), rows: rows,
      digest: model.calibrationDigest)
  }

  /// A fold's own figures; a quiet fold has none, but its false alarms count in the pool.
  private func judged(
    _ rows: [DetectorScores], _ labels: OpenedLabels, _ plan: EvaluationPlan
  ) throws(EvaluationError) -> EvaluationResult? {
    do throws(EvaluationError) {
      return try evaluate(rows, against: labels, plan: plan)
    } catch {
      switch error {
      case .noIncidentInTest, .noScoredIncident: return nil
      default: throw error
      }
    }
  }

  private func plan(_ grid: TimeGrid, _ test: [TimeRange]) -> EvaluationPlan {
    let rules = configuration.evaluation.rules
    return EvaluationPlan(
      grid: grid, test: test, toleranceBefore: rules.toleranceBefore,
      toleranceAfter: rules.toleranceAfter, renotify: rules.renotify, vusWindow: rules.vusWindow)
  }

  /// A row's scores in every fold's test time; a service that a fold's model does not know has none.
  private func pooled(_ name: String, _ outcomes: [Outcome], _ grid: TimeGrid) -> DetectorScores {
    var scores: [String: [Float]] = [:]
    for outcome in outcomes {
      let cells = outcome.fold.split.test.map { grid.indices(in: $0) }
      for service in outcome.rows.first(where: { $0.name == name })?.services ?? [] {
        var known = scores[service.service] ?? Array(repeating: .nan, count: grid.count)
        for cell in cells.joined() { known[cell] = service.scores[cell] }
        scores[service.service] = known
      }
    }
    return DetectorScores(
      name: name,
      services: scores.sorted { $0.key < $1.key }.map {
        ServiceScores(service: $0.key, scores: $0.value)
      })
  }
}

extension Dataset {
  /// The data up to an instant: what was known of it then, and incidents that had begun.
  func upTo(_ end: Timestamp) -> Dataset {
    var past = self
    let count = grid.indices(in: TimeRange(start: grid.range.start, end: end)).upperBound
    past.grid = TimeGrid(first: grid.first, interval: grid.interval, count: count)
    past.services = services.map { frame in
      var frame = frame
      frame.values = Array(frame.values.prefix(count * frame.columns.count))
      frame.logs = frame.logs.map { logs in
        LogActivity(
          patterns: logs.patterns, counts: logs.counts.filter { $0.row < count },
          recorded: Array(logs.recorded.prefix(count)),
          transitions: logs.transitions?.filter { $0.row < count })
      }
      return frame
    }
    past.incidents = incidents.filter { $0.start < end }
    return past
  }
}
