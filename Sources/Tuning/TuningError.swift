public import Diagnostics
public import Telemetry

/// Why a search could not begin or did not end.
public enum TuningError: DiagnosedError, Equatable {
  /// The part of the fit time that trials would be judged on holds no incident of a service.
  case noIncident(validation: TimeRange, fitted: Int, latest: Timestamp?)
  /// The fit time is too short to be divided.
  case shortFitTime(cells: Int)
  /// A key of the space that a search may not change.
  case forbiddenKey(file: String, line: Int, key: String)
  /// A key of the space that lies within another.
  case nestedKeys(file: String, line: Int, key: String, other: String)
  /// No trial came to a result.
  case nothingFinished(failure: String)
  /// The search was stopped from outside.
  case stopped(done: Int, total: Int)

  /// What the failure means to the caller.
  public var kind: FailureKind {
    switch self {
    case .noIncident, .shortFitTime, .forbiddenKey, .nestedKeys, .nothingFinished: .invalidInput
    case .stopped: .environment
    }
  }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .noIncident(let validation, let fitted, let latest):
      "no labelled incident of a service in \(validation.start) to \(validation.end), the last part "
        + "of the time before the test, on which trials are judged: "
        + (latest.map {
          "the \(fitted) known before the test end by \($0), so enlarge --validation"
        }
          ?? "none is known before the test, so label incidents of that time or move "
          + "evaluation.split to begin the test later")
        + "; labels of the test time are never used to choose"
    case .shortFitTime(let cells):
      "the time before the test has \(cells) cells, too few for training, calibration and "
        + "validation; move evaluation.split or widen the export"
    case .forbiddenKey(let file, let line, let key):
      "\(file):\(line): '\(key)' cannot be searched over; keys begin with 'features.' or 'models.', "
        + "for data, split and rules decide what trials are judged on, and models.lstm.max_duration "
        + "would make them depend on the machine"
    case .nestedKeys(let file, let line, let key, let other):
      "\(file):\(line): '\(key)' and '\(other)' set the same place; keep one of them"
    case .nothingFinished(let failure):
      "no trial came to a result; the first one failed: \(failure)"
    case .stopped(let done, let total):
      "stopped after \(done) of \(total) trainings; the same command goes on from there"
    }
  }
}
