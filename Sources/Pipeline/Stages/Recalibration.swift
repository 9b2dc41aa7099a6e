public import Diagnostics
internal import Features
internal import Scoring
public import Telemetry

/// Fixes the thresholds of a finished model anew, on other data; its weights stay.
public struct Recalibration: Sendable {
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a stage.
  ///
  /// - Parameter threads: Services worked on at once; results do not depend on it.
  public init(threads: Int, progress: @escaping ProgressSink) {
    (self.threads, self.progress) = (threads, progress)
  }

  /// The model with the thresholds of a time.
  ///
  /// Times within known incidents are left out, as in training. The model's test time becomes what comes
  /// after the new calibration.
  ///
  /// - Parameters:
  ///   - calibration: The time to fix thresholds on.
  ///   - falseAlarmRate: The share of its cells that may lie above; nil for the model's own.
  /// - Throws: `PipelineError.withoutTraining` when the data lacks the training time, which the judgement
  ///   that follows needs; `PipelineError.emptySplit` when the data has no cell there or none after it,
  ///   `ScoringError.nothingToCalibrate` when the model has no score there.
  public func callAsFunction(
    _ model: TrainedModel, _ dataset: Dataset, calibration: TimeRange, falseAlarmRate: Double?
  ) async throws -> TrainedModel {
    var changed = model
    let grid = dataset.grid
    if let training = model.split.train.first,
      !model.split.train.contains(where: { !grid.indices(in: $0).isEmpty })
    {
      throw PipelineError.withoutTraining(training: training, data: grid.range)
    }
    changed.split.calibration = [calibration]
    changed.split.test = [
      TimeRange(start: calibration.end, end: max(calibration.end, grid.range.end))
    ]
    for (part, ranges) in [
      ("calibration", changed.split.calibration),
      ("the time after calibration", changed.split.test),
    ] where !ranges.contains(where: { !grid.indices(in: $0).isEmpty }) {
      throw PipelineError.emptySplit(part: part, range: grid.range)
    }
    if let seen = model.split.train.first(where: { $0.overlaps(calibration) }) {
      throw PipelineError.calibratesOnTraining(training: seen, calibration: calibration)
    }
    let rate = falseAlarmRate ?? model.falseAlarmRate
    changed.falseAlarmRate = rate
    let time = FittingTime(
      dataset, split: changed.split, margin: model.incidentMargin,
      lookBack: model.scoring.features.definition.historyLength)
    (changed.scoring, changed.boundaryCells) = try await ScoringModel.calibrated(
      features: model.scoring.features, detectors: model.scoring.detectors, dataset: dataset,
      rule: ThresholdRule(time: time, boundary: .quantile(exceedance: rate)), threads: threads,
      progress: progress)
    return changed
  }
}
