public import Telemetry

/// What lies behind the figures of an evaluation, for people who want to know why.
///
/// All of it is looked at after the figures are final, and decides nothing.
public struct EvaluationDetail: Hashable, Sendable {
  /// The row that alarms, slices and the shifted labels are about.
  public var primary: String
  /// A curve per row, in their order.
  public var curves: [PrecisionRecallCurve]
  /// What each row's boundary holds in the test time, in their order.
  public var boundaries: [BoundaryCheck]
  /// Every notification of the primary row in the test time, by service, then by time.
  public var alarms: [AlarmNotification]
  /// The primary row's outcomes in parts.
  public var slices: [ResultSlice]
  /// The primary row with labels moved.
  public var lags: [LabelLag]
  /// What is odd about the labels.
  public var labels: [LabelFinding]

  /// The rows that have no knowledge of the data, whose scores carry no signal.
  private static let blind: Set<String> = ["random", "null"]

  /// Looks behind a result.
  ///
  /// - Parameters:
  ///   - result: What `evaluate` made of the same detectors, labels and plan.
  ///   - calibration: The time that boundaries were fixed on.
  ///   - primary: The name of a row.
  /// - Precondition: The result has a row named `primary`, and a row for each detector.
  public init(
    of result: EvaluationResult, _ detectors: [DetectorScores], against labels: OpenedLabels,
    calibration: [TimeRange], primary: String
  ) {
    let plan = result.plan
    let sorted = detectors.map { detector in
      DetectorScores(
        name: detector.name, services: detector.services.sorted { $0.service < $1.service })
    }
    guard let row = result.row(named: primary),
      let scores = sorted.first(where: { $0.name == primary })
    else { preconditionFailure("no row '\(primary)' among \(result.rows.map(\.name))") }
    let marks = CellMarks(
      names: scores.services.map(\.service), incidents: labels.incidents, plan: plan)
    let alarms = AlarmNotification.list(scores, marks: marks, plan: plan)
    self.primary = primary
    curves = sorted.map { PrecisionRecallCurve($0, marks: marks) }
    boundaries = sorted.map {
      BoundaryCheck($0, marks: marks, grid: plan.grid, calibration: calibration)
    }
    self.alarms = alarms
    slices = ResultSlice.all(row, alarms: alarms, incidents: result.incidents)
    lags = LabelLag.sweep(scores, incidents: labels.incidents, plan: plan)
    self.labels = LabelFinding.all(
      marks, detectors: sorted.filter { !Self.blind.contains($0.name) }, plan: plan)
  }
}
