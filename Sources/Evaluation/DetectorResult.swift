/// The figures of one detector.
public struct DetectorResult: Hashable, Sendable {
  /// The detector's name.
  public var name: String
  /// How well the scores rank the cells of all services.
  public var ranking: RankingResult
  /// The mean over services, with an incident to find, of each one's own average precision; nil
  /// without any such service.
  public var meanServiceAveragePrecision: Double?
  /// How notifications and incidents match.
  public var events: EventResult
  /// The share of test cells with a score, within 0...1.
  public var coverage: Double
  /// The share of the scored test cells in alarm, within 0...1.
  public var timeInAlert: Double
  /// One outcome for each incident to be found, in the order of `EvaluationResult.incidents`.
  public var outcomes: [IncidentOutcome]
  /// Figures of each service in ascending order of name.
  public var services: [ServiceResult]
  /// The mean over services with an incident of each one's quality; nil without any such service,
  /// and in documents that do not have it.
  public var quality: SeriesQuality?
  /// How far the figures would move with other incidents; nil with too few of them, and in
  /// documents that do not have it.
  public var intervals: ResultIntervals?
}

/// How well scores rank cells in incidents above quiet ones.
public struct RankingResult: Hashable, Sendable {
  /// Step-wise average precision over the scored cells that are positive or quiet; nil when none
  /// is positive.
  public var averagePrecision: Double?
  /// The share of positive cells among the same cells, which random scores reach; nil without
  /// cells.
  public var prevalence: Double?

  /// Average precision in multiples of the prevalence.
  public var lift: Double? {
    guard let averagePrecision, let prevalence, prevalence > 0 else { return nil }
    return averagePrecision / prevalence
  }
}

/// The figures of one detector for one service.
public struct ServiceResult: Hashable, Sendable {
  /// The service's name.
  public var service: String
  /// How well its scores rank its cells.
  public var ranking: RankingResult
  /// Its notifications about an incident.
  public var trueNotifications: Int
  /// Its notifications that touch no incident.
  public var falseAlarms: Int
  /// Its notifications that are neither.
  public var ignoredNotifications: Int
  /// The share of its test cells with a score.
  public var coverage: Double
  /// What published metrics say about its scores; nil without an incident.
  public var quality: SeriesQuality?
}
