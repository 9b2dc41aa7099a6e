public import Telemetry

/// What an evaluation found: the figures of every detector over the same cells and incidents.
public struct EvaluationResult: Hashable, Sendable {
  /// How many of what was evaluated.
  public struct Counts: Hashable, Sendable {
    /// Services with scores.
    public var services: Int
    /// Cells of each service in the test time.
    public var testCells: Int
    /// Cells, over all services, in an incident of their service.
    public var positiveCells: Int
    /// Cells, over all services, near incidents, within excluded ones or in those of others.
    public var neutralCells: Int
    /// All other cells over all services: an alarm there is false.
    public var quietCells: Int
    /// Incidents to be found.
    public var incidents: Int
    /// Of these, the ones that name a service without scores. They count as missed.
    public var incidentsWithoutScores: Int
    /// Excluded incidents in the test time.
    public var excluded: Int
  }

  /// What was evaluated, and how strictly.
  public var plan: EvaluationPlan
  /// Digest of what calibration read, from the seal that opened the labels.
  public var calibrationDigest: String
  /// How many of what was evaluated.
  public var counts: Counts
  /// All incidents with a cell in the test time, excluded ones too, in the order of their start.
  public var incidents: [Incident]
  /// One row per detector, in the order given.
  public var rows: [DetectorResult]

  /// The row of a detector.
  public func row(named name: String) -> DetectorResult? { rows.first { $0.name == name } }
}
