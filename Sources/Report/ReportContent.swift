public import Evaluation
public import Telemetry

/// All that a report shows. Equal content renders to equal bytes.
public struct ReportContent: Sendable {
  /// The scores of one service over the whole grid.
  public struct Timeline: Hashable, Sendable {
    /// The service's name.
    public var service: String
    /// [grid.count] calibrated scores; NaN where there is none.
    public var scores: [Float]

    /// Makes a timeline.
    public init(service: String, scores: [Float]) {
      (self.service, self.scores) = (service, scores)
    }
  }

  /// A part of the data by its use, such as `train`.
  public struct Split: Hashable, Sendable {
    /// The part's name.
    public var name: String
    /// Its time.
    public var ranges: [TimeRange]

    /// Makes a part.
    public init(name: String, ranges: [TimeRange]) { (self.name, self.ranges) = (name, ranges) }
  }

  /// A setting or a digest worth keeping with the figures.
  public struct Fact: Hashable, Sendable {
    /// What it is.
    public var key: String
    /// Its value.
    public var value: String

    /// Makes a fact.
    public init(key: String, value: String) { (self.key, self.value) = (key, value) }
  }

  /// The headline.
  public var title: String
  /// The figures.
  public var evaluation: EvaluationResult
  /// The name of the row that the verdict, the incidents and the timelines are about.
  public var primary: String
  /// What a reader has to know before believing the figures, as sentences.
  public var notes: [String]
  /// The primary detector's scores, in the order to show.
  public var timelines: [Timeline]
  /// How the time was used.
  public var splits: [Split]
  /// All known incidents, also those outside the test time.
  public var incidents: [Incident]
  /// What reading the data found.
  public var ingest: IngestReport
  /// Configuration and digests, in the order to show.
  public var facts: [Fact]
  /// Reasons, curves and drift; nil shows the figures alone.
  public var findings: ReportFindings?

  /// Makes content.
  ///
  /// - Parameter primary: By default the first row.
  /// - Precondition: The evaluation has a row named `primary`, and timelines fit its grid.
  public init(
    title: String, evaluation: EvaluationResult, primary: String? = nil, notes: [String] = [],
    timelines: [Timeline], splits: [Split], incidents: [Incident], ingest: IngestReport,
    facts: [Fact], findings: ReportFindings? = nil
  ) {
    for timeline in timelines {
      precondition(
        timeline.scores.count == evaluation.plan.grid.count,
        "\(timeline.scores.count) scores of \(timeline.service) on a grid of "
          + "\(evaluation.plan.grid.count)")
    }
    self.title = title
    self.evaluation = evaluation
    self.primary = primaryRow(of: evaluation, named: primary).name
    self.notes = notes
    (self.timelines, self.splits, self.incidents) = (timelines, splits, incidents)
    (self.ingest, self.facts, self.findings) = (ingest, facts, findings)
  }
}
