/// The parts of a job, in the order in which a job that publishes and promotes goes through them.
public enum JobStage: String, Sendable, CaseIterable {
  /// Reading exports into a dataset.
  case ingest
  /// Fitting features, detectors and thresholds.
  case train
  /// Judging the model on its test time.
  case evaluate
  /// Adding the version to the registry, and the results to the output folder.
  case publish
  /// Comparing the version with the champion.
  case gate
  /// Pointing the champion's alias at the version.
  case promote
  /// Writing down what became of it.
  case record
}

/// Is told each part of a job before it begins.
public typealias StageSink = @Sendable (JobStage) -> Void
