internal import DatasetStore
public import Diagnostics
public import Experiments
public import Pipeline
internal import Storage
public import Telemetry

/// A search for a better configuration, by trials on the time before the test.
///
/// Every trial is recorded as soon as it ends. A search that was killed and is started again reads
/// what is recorded and goes on; it ends with the same result, for a trial depends on nothing but the
/// study and its number.
public struct Tuning: Sendable {
  private let draft: ConfigurationDraft
  private let space: SearchSpace
  private let plan: TuningPlan
  private let store: RunStore
  private let threads: Int
  private let stop: StopRequest
  private let progress: ProgressSink

  /// Makes a search.
  ///
  /// - Parameters:
  ///   - store: Where trials are recorded, and read back from.
  ///   - threads: Threads of all trials together; results do not depend on it.
  ///   - stop: What may ask the search to stop.
  public init(
    _ draft: ConfigurationDraft, space: SearchSpace, plan: TuningPlan, store: RunStore,
    threads: Int, stop: StopRequest, progress: @escaping ProgressSink
  ) {
    (self.draft, self.space, self.plan, self.store) = (draft, space, plan, store)
    (self.threads, self.stop, self.progress) = (threads, stop, progress)
  }

  /// Searches.
  ///
  /// - Returns: All trials and the best one.
  /// - Throws: `TuningError`, `ConfigurationError`, or what stops a trial for good.
  public func callAsFunction(_ dataset: Dataset) async throws -> TuningResult {
    let configuration = try draft.configuration()
    let split = try configuration.evaluation.split.split(
      dataset.grid, publishedTestStart: dataset.publishedTestStart)
    let data = try TrialData(dataset, split: split, validation: plan.validation)
    let study = try Study(
      draft: draft, space: space, plan: plan, data: data,
      datasetDigest: dataset.contentDigest, threads: threads)
    var query = RunQuery()
    query.study = study.digest
    let known = try store.runs(query).compactMap { TrialResult($0, settings: study.settings) }
    let estimate =
      (0..<plan.trials).map {
        // A trial whose windows do not fit takes nothing: it fails before.
        (try? study.configuration(of: $0, share: 1).trainingMemory(on: data.dataset)) ?? 0
      }.max() ?? 0
    let together = max(1, min(threads, plan.memory / max(1, estimate)))
    let board = ScoreBoard(plan: plan, known: known, progress: progress)

    var candidates = Array(0..<plan.trials)
    var results: [TrialResult] = []
    for (step, share) in plan.shares.enumerated() {
      if step > 0 {
        candidates = results.filter { $0.share == plan.shares[step - 1] }.ranked(plan)
          .prefix(plan.counts[step]).map(\.number).sorted()
      }
      results += try await trials(
        candidates, share: share, study: study, board: board, together: together)
    }
    let whole = results.filter { $0.share == 1 }.ranked(plan)
    guard let best = whole.first, best.failure == nil else {
      throw TuningError.nothingFinished(failure: whole.first?.failure ?? "")
    }
    return TuningResult(
      plan: plan, study: study.digest, keys: space.parameters.map(\.key), results: results,
      best: best, bestConfiguration: try study.draft(of: best.number).yaml(),
      validation: data.split.test, incidents: data.incidents, estimatedMemory: estimate,
      together: together, warnings: board.warnings)
  }

  /// The results of trials with one share of the resources, recorded or trained now.
  private func trials(
    _ numbers: [Int], share: Double, study: Study, board: ScoreBoard, together: Int
  ) async throws -> [TrialResult] {
    let (store, stop, threads) = (store, stop, max(1, threads / together))
    return try await stop.listening {
      try await concurrentMap(numbers, limit: together) { number in
        if let known = board.known(number, share: share) { return known }
        guard !stop.isMade, !board.hasFailed else { throw board.stopped }
        do {
          let record = try await study.run(number, share: share, threads: threads, stop: stop)
          let result = TrialResult(
            number: number, share: share, settings: study.settings(number),
            failure: record.failure, metrics: record.metrics, seconds: record.wallSeconds)
          do { try store.record(record) } catch { board.warn(error) }
          board.add(result)
          return result
        } catch {
          board.fail()
          throw stop.isMade ? board.stopped : error
        }
      }
    }
  }
}
