public import Diagnostics
public import Telemetry

/// Why a stage of the pipeline could not run.
public enum PipelineError: DiagnosedError, Equatable {
  /// A part of the split has no cell of the data.
  case emptySplit(part: String, range: TimeRange)
  /// The configuration asks for a published test part that the data does not define.
  case noPublishedSplit
  /// Thresholds would be fixed on data that the models were fitted on, and come out too low.
  case calibratesOnTraining(training: TimeRange, calibration: TimeRange)
  /// The data lacks the model's training time, without which nothing can be judged.
  case withoutTraining(training: TimeRange, data: TimeRange)
  /// The data does not reach an instant that it must reach.
  case dataEndsEarly(end: Timestamp, needed: Timestamp)
  /// No service has a usable training cell.
  case nothingToTrain(services: Int, lookBack: TimeSpan, hint: String? = nil)
  /// An evaluation belongs to another model.
  case foreignEvaluation(path: String, expected: String, found: String)
  /// An output would overwrite an input.
  case outputIsInput(path: String)
  /// An output would lie in the folder of a model, which then would no longer be what it was.
  case outputInModel(path: String, model: String)
  /// A model has no isolation forest, or none of a service.
  case noForest(service: String?, known: [String])
  /// The model has no detector of a name whose scores can be explained.
  case notExplained(detector: String, known: [String])
  /// A model has no LSTM, or none of a service.
  case noForecaster(service: String?, known: [String])
  /// A forest has fewer trees.
  case noTree(number: Int, service: String, trees: Int)

  /// What the failure means to the caller.
  public var kind: FailureKind {
    switch self {
    case .emptySplit, .noPublishedSplit, .dataEndsEarly, .calibratesOnTraining, .withoutTraining,
      .nothingToTrain, .foreignEvaluation,
      .outputIsInput,
      .outputInModel, .noForest, .noForecaster, .noTree, .notExplained:
      .invalidInput
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
    case .calibratesOnTraining(let training, let calibration):
      "the time to calibrate on, \(calibration.start) to \(calibration.end), overlaps the training time "
        + "\(training.start) to \(training.end); choose one after it"
    case .withoutTraining(let training, let data):
      "the data, \(data.start) to \(data.end), does not hold the model's training time, \(training.start) to "
        + "\(training.end), which what it is compared with is fitted on; ingest both times into one snapshot"
    case .dataEndsEarly(let end, let needed):
      "the data ends at \(end), and a model is due for \(needed); export up to then, or state an "
        + "earlier --now"
    case .nothingToTrain(let services, let lookBack, let hint):
      "none of \(services) services has a usable training cell; a cell needs data, \(lookBack) of "
        + "known time before it and no incident in that time: check evaluation.split, "
        + "features.windows, models.incident_margin and the incidents"
        + (hint.map { "; \($0)" } ?? "")
    case .foreignEvaluation(let path, let expected, let found):
      "\(path): evaluates thresholds \(found.prefix(12)), the model has \(expected.prefix(12)); "
        + "evaluate this model and pass that result"
    case .outputIsInput(let path):
      "\(path): is both input and output; choose another --out"
    case .noForest(let service?, let known) where !known.isEmpty:
      "the model has no isolation forest of service '\(service)'; it has those of \(few(known))"
    case .noForecaster(let service?, let known) where !known.isEmpty:
      "the model has no LSTM of service '\(service)'; it has those of \(few(known))"
    case .noForecaster:
      "the model has no LSTM; enable models.lstm and train again"
    case .noForest:
      "the model has no isolation forest; enable models.isolation_forest and train again"
    case .notExplained(let detector, let known):
      "the model has no detector '\(detector)' that explains its scores; it has "
        + (known.isEmpty ? "none" : known.joined(separator: ", "))
    case .noTree(let number, let service, let trees):
      "the forest of \(service) has no tree \(number); trees are numbered from 0 to \(trees - 1)"
    case .outputInModel(let path, let model):
      "\(path): lies in the folder of a model, '\(model)', whose files must not change; choose "
        + "another --out"
    }
  }
}

/// The first of some names.
private func few(_ names: [String]) -> String {
  names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
}
