public import Diagnostics
public import Report
public import Telemetry

/// Looks behind a judgement: why detectors alarmed, and how the data has changed since training.
public struct FindingsStage: Sendable {
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a stage.
  ///
  /// - Parameter threads: Services worked on at once; results do not depend on it.
  public init(threads: Int, progress: @escaping ProgressSink) {
    (self.threads, self.progress) = (threads, progress)
  }

  /// Asks the model about the incidents and false alarms of a judgement on a dataset.
  public func callAsFunction(
    _ model: TrainedModel, _ dataset: Dataset, _ judgement: Judgement
  ) async throws -> ReportFindings {
    let counter = ProgressCounter(stage: "explain", total: 2, sink: progress)
    let stories = try await StoryStage(threads: threads)(
      model, dataset, judgement, judgement.detail)
    counter.advance("incidents")
    let drift = try await DriftStage(threads: threads)(model, dataset)
    counter.advance("drift")
    return ReportFindings(
      detail: judgement.detail, stories: stories.incidents, falseAlarms: stories.falseAlarms,
      unreadAlarms: stories.unread, drift: drift)
  }
}
