public import Diagnostics
public import Telemetry

/// Why a stage of the pipeline could not run.
public enum PipelineError: DiagnosedError, Equatable {
  /// A part of the split has no cell of the data.
  case emptySplit(part: String, range: TimeRange)
  /// The configuration asks for a published test part that the data does not define.
  case noPublishedSplit
  /// A fitted service has no data in a model's training cells.
  case nothingToTrain(service: String)
  /// An artifact lacks a file or says something unusable.
  case unusableArtifact(path: String, reason: String)

  /// What the failure means to the caller.
  public var kind: FailureKind {
    switch self {
    case .emptySplit, .noPublishedSplit, .nothingToTrain: .invalidInput
    case .unusableArtifact: .integrity
    }
  }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .emptySplit(let part, let range):
      "evaluation.split: \(part) holds no cell of the data, which covers \(range.start) to "
        + "\(range.end); move the split or widen the export"
    case .noPublishedSplit:
      "evaluation.split.published: the data defines no test part of its own; use fractions or "
        + "train/calibration/test ranges"
    case .nothingToTrain(let service):
      "service \(service): no usable training cell; check evaluation.split and the incidents"
    case .unusableArtifact(let path, let reason):
      "\(path): \(reason); fetch or train the artifact again"
    }
  }
}
