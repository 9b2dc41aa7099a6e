package import Experiments
public import Pipeline
internal import Scoring

/// What came of one trial with one share of the resources.
public struct TrialResult: Hashable, Sendable {
  /// The trial's number; 0 is the configuration as it was.
  public var number: Int
  /// The share of the resources it had.
  public var share: Double
  /// What it set.
  public var settings: [ConfigurationDraft.Setting]
  /// Why it came to no result.
  public var failure: String?
  /// The ensemble's figures on the validation part.
  public var figures: [String: Double]
  /// Seconds it took; no part of what is compared.
  public var seconds: Double

  /// A recorded trial.
  init?(_ run: RecordedRun, settings: (Int) -> [ConfigurationDraft.Setting]) {
    guard let trial = run.record.trial else { return nil }
    self.init(
      number: trial.number, share: trial.share, settings: settings(trial.number),
      failure: run.record.failure, metrics: run.record.metrics, seconds: run.record.wallSeconds)
  }

  package init(
    number: Int, share: Double, settings: [ConfigurationDraft.Setting], failure: String?,
    metrics: [RunMetric], seconds: Double
  ) {
    (self.number, self.share, self.settings) = (number, share, settings)
    (self.failure, self.seconds) = (failure, seconds)
    figures = Dictionary(
      metrics.filter { $0.detector == ScoringModel.ensembleName }.map { ($0.metric, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  static let falseAlarms = "false_alarms_per_service_day"

  /// False alarms per service and day.
  public var falseAlarmRate: Double? { figures[Self.falseAlarms] }

  /// The place of a trial among others: smaller is better.
  struct Rank: Comparable {
    /// 0 within the budget, 1 beyond it, 2 without a result.
    let group: Int
    /// What is to be small: minus the objective, or the excess over the budget.
    let value: Double
    let number: Int

    static func < (a: Rank, b: Rank) -> Bool {
      (a.group, a.value, a.number) < (b.group, b.value, b.number)
    }
  }

  func rank(_ plan: TuningPlan) -> Rank {
    guard failure == nil, let value = figures[plan.objective.rawValue] else {
      return Rank(group: 2, value: 0, number: number)
    }
    let rate = falseAlarmRate ?? 0
    return rate <= plan.budget
      ? Rank(group: 0, value: -value, number: number)
      : Rank(group: 1, value: rate - plan.budget, number: number)
  }

  /// Whether the trial has a result within the budget.
  public func isWithin(_ plan: TuningPlan) -> Bool { rank(plan).group == 0 }
}

extension [TrialResult] {
  /// The trials by what they are worth, the best first.
  package func ranked(_ plan: TuningPlan) -> [TrialResult] {
    sorted { $0.rank(plan) < $1.rank(plan) }
  }
}
