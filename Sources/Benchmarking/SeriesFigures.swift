internal import Evaluation
internal import DetectionMetrics

/// What one detector achieved on one series.
public struct SeriesFigures: Hashable, Sendable {
  /// Average precision.
  public var averagePrecision: Double
  /// Volume under the precision-recall surface.
  public var vus: Double
  /// Area under the receiver operating characteristic; nil without a quiet cell.
  public var rocArea: Double?
  /// Affiliation F1 of the alarms.
  public var affiliationF1: Double
  /// F1 over whole incidents and notifications, at the threshold fixed without labels.
  public var eventF1: Double
  /// The best that any threshold reaches.
  public var oracleEventF1: Double
  /// The share of incidents found when at most 1 % of the quiet cells alarm; nil without such.
  public var recallAtOnePercent: Double?
  /// The same for 5 %.
  public var recallAtFivePercent: Double?
  /// The share of the cells in alarm.
  public var timeInAlert: Double

  /// All figures by the names they have in documents.
  static let names = [
    "average_precision", "vus_pr", "roc_area", "affiliation_f1", "event_f1", "oracle_event_f1",
    "recall_at_1_percent_quiet", "recall_at_5_percent_quiet", "time_in_alert",
  ]

  /// The figures in the order of their names.
  var values: [Double?] {
    [
      averagePrecision, vus, rocArea, affiliationF1, eventF1, oracleEventF1, recallAtOnePercent,
      recallAtFivePercent, timeInAlert,
    ]
  }

  /// Measures scores of test cells against labels; nil without an incident.
  ///
  /// - Parameters:
  ///   - scores: Calibrated, so that alarms begin at 1; NaN counts as the lowest score.
  ///   - vusWindow: See `BenchmarkProtocol`.
  ///   - longestNotification: See `BenchmarkProtocol`.
  /// - Throws: `MetricError` for counts that differ.
  init?(
    scores: [Float], labels: [Bool], vusWindow: Int, longestNotification: Int
  ) throws {
    let series = try ScoredSeries(
      scores: scores.map { $0.isNaN ? 0 : Double($0) }, labels: labels)
    guard let precision = series.averagePrecision,
      let volume = try series.volumeUnderSurface(window: vusWindow)
    else { return nil }
    averagePrecision = precision
    vus = volume.precisionRecall
    rocArea = series.rocArea
    let alarms = series.alarms(atLeast: Double(alertBoundary))
    affiliationF1 = try affiliation(alarms: alarms, incidents: series.incidents)?.f1 ?? 0
    eventF1 =
      try eventDetection(
        alarms: alarms.cut(longest: longestNotification), incidents: series.incidents
      ).f1 ?? 0
    oracleEventF1 = try series.bestEventF1(longest: longestNotification) ?? 0
    recallAtOnePercent = try series.recall(quietShare: 0.01)
    recallAtFivePercent = try series.recall(quietShare: 0.05)
    timeInAlert = Double(alarms.points) / Double(max(1, alarms.count))
  }
}
