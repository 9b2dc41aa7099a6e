internal import DetectionMetrics
internal import Telemetry

/// What published metrics say about a series of scores in the order of time, or about several
/// series on average.
///
/// A series is the test cells of one service that are quiet, positive or in the tolerance of an
/// incident, one after the other; a cell without a score counts as the lowest score there is. Each
/// figure is nil where it means nothing: without an incident, or without a quiet cell.
public struct SeriesQuality: Hashable, Sendable {
  /// Area under the receiver operating characteristic.
  public var rocArea: Double?
  /// Volume under the precision-recall surface over `EvaluationPlan.vusWindow` (Paparrizos et al.,
  /// "Volume Under the Surface", PVLDB 2022).
  public var vusPrecisionRecall: Double?
  /// Volume under the surface of the receiver operating characteristic.
  public var vusROC: Double?
  /// Proximity-aware area (Ghorbani et al., "PATE", KDD 2024), with half of the same window before
  /// and after incidents.
  public var proximityAwareArea: Double?
  /// Affiliation precision of the alarms (Huet et al., KDD 2022).
  public var affiliationPrecision: Double?
  /// Affiliation recall of the alarms.
  public var affiliationRecall: Double?
  /// The harmonic mean of both.
  public var affiliationF1: Double?
  /// Range-based precision of the alarms (Tatbul et al., NeurIPS 2018), flat, one answer or many.
  public var rangePrecision: Double?
  /// Range-based recall of the alarms, half of it for any overlap at all.
  public var rangeRecall: Double?
  /// The harmonic mean of both.
  public var rangeF1: Double?
  /// The share of incidents with an alarm within the window before their recorded start.
  public var leadShare: Double?
  /// The share that alarms at the same rate would lead by chance.
  public var leadChance: Double?
  /// Median seconds from such alarms to the start.
  public var medianLeadSeconds: Double?

  /// Makes figures that are all absent.
  public init() {}

  /// All figures, by the names they have in documents.
  static var figures: [(name: String, path: any WritableKeyPath<SeriesQuality, Double?> & Sendable)]
  {
    [
      ("roc_area", \.rocArea), ("vus_pr", \.vusPrecisionRecall), ("vus_roc", \.vusROC),
      ("pate", \.proximityAwareArea), ("affiliation_precision", \.affiliationPrecision),
      ("affiliation_recall", \.affiliationRecall), ("affiliation_f1", \.affiliationF1),
      ("range_precision", \.rangePrecision), ("range_recall", \.rangeRecall),
      ("range_f1", \.rangeF1), ("lead_share", \.leadShare), ("lead_chance", \.leadChance),
      ("median_lead_seconds", \.medianLeadSeconds),
    ]
  }

  /// All figures with the names they have in documents.
  public var namedFigures: [(name: String, value: Double?)] {
    Self.figures.map { ($0.name, self[keyPath: $0.path]) }
  }

  /// The mean of each figure over those that have it; nil without any.
  init?(meanOf all: [SeriesQuality]) {
    guard !all.isEmpty else { return nil }
    self.init()
    for (_, path) in Self.figures {
      let known = all.compactMap { $0[keyPath: path] }
      guard !known.isEmpty else { continue }
      self[keyPath: path] = known.reduce(0, +) / Double(known.count)
    }
  }
}

extension SeriesQuality {
  /// The figures of one service; nil when it has no incident.
  init?(_ scores: [Float], marks: [CellMark], plan: EvaluationPlan) {
    var values: [Double] = []
    var labels: [Bool] = []
    for (score, mark) in zip(scores, marks)
    where mark.isRanked || mark.contains([.test, .window]) {
      values.append(score.isNaN ? 0 : Double(score))
      labels.append(mark.contains(.positive))
    }
    guard labels.contains(true) else { return nil }
    do {
      try self.init(
        ScoredSeries(scores: values, labels: labels), window: plan.vusWindow,
        interval: plan.grid.interval)
    } catch {
      preconditionFailure("scores and plan were checked before: \(error)")
    }
  }

  private init(
    _ series: ScoredSeries, window: Int, interval: TimeSpan
  ) throws(MetricError) {
    self.init()
    rocArea = series.rocArea
    let volume = try series.volumeUnderSurface(window: window)
    (vusPrecisionRecall, vusROC) = (volume?.precisionRecall, volume?.roc)
    proximityAwareArea = try series.proximityAwareArea(early: window / 2, late: window / 2)
    let alarms = series.alarms(atLeast: Double(alertBoundary))
    let incidents = series.incidents
    if let found = try affiliation(alarms: alarms, incidents: incidents) {
      (affiliationPrecision, affiliationRecall) = (found.precision, found.recall)
      affiliationF1 = found.f1
    }
    let ranges = try rangePrecisionRecall(
      alarms: alarms, incidents: incidents, precision: RangeReward(),
      recall: RangeReward(existence: 0.5))
    (rangePrecision, rangeRecall, rangeF1) = (ranges.precision, ranges.recall, ranges.f1)
    let lead = try leadTime(alarms: alarms, incidents: incidents, within: max(1, window))
    (leadShare, leadChance) = (lead.share, lead.chance)
    medianLeadSeconds = lead.median.map { $0 * interval.seconds }
  }
}
