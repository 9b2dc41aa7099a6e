/// What became of a row; the labels of `autopilotops_scorer_samples_total`.
public enum RowOutcome: String, CaseIterable, Sendable {
  /// It was scored.
  case accepted
  /// It is not later than the service's last row, or ended too long ago.
  case stale
  /// It ends ahead of the clock.
  case future
  /// The model does not know the service.
  case unknownSeries = "unknown_series"
  /// It cannot be read as a row.
  case malformed
  /// It is one too many.
  case dropped
}

/// What was made of a row.
public struct ScoredRow: Sendable {
  /// What became of it.
  public var outcome: RowOutcome
  /// Calibrated scores in the order of the model's score names, the ensemble's last; NaN is no score.
  /// Empty for a row that was not scored.
  public var scores: [Float]

  init(_ outcome: RowOutcome, scores: [Float] = []) {
    (self.outcome, self.scores) = (outcome, scores)
  }
}
