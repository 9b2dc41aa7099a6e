internal import Diagnostics
internal import Experiments
internal import Report
internal import Synchronization

/// What trials under way share: who is done, who leads, and how long the rest takes.
final class ScoreBoard: Sendable {
  private struct State {
    var done: [TrialResult]
    /// Trainings of this process.
    var trained = 0
    var hasFailed = false
    var warnings: [String] = []
  }

  private let plan: TuningPlan
  private let total: Int
  private let progress: ProgressSink
  private let start = ContinuousClock.now
  private let state: Mutex<State>

  init(plan: TuningPlan, known: [TrialResult], progress: @escaping ProgressSink) {
    (self.plan, self.progress) = (plan, progress)
    total = plan.counts.reduce(0, +)
    let shares = Set(plan.shares)
    state = Mutex(
      State(done: known.filter { $0.number < plan.trials && shares.contains($0.share) }))
  }

  /// A result that is there.
  func known(_ number: Int, share: Double) -> TrialResult? {
    state.withLock { $0.done.first { $0.number == number && $0.share == share } }
  }

  /// Adds a result and tells where the search is.
  func add(_ result: TrialResult) {
    let event = state.withLock { state in
      state.done.append(result)
      state.trained += 1
      return ProgressEvent(
        stage: "tune", completed: min(total, state.done.count), total: total,
        detail: detail(state))
    }
    progress(event)
  }

  private func detail(_ state: State) -> String {
    var words: [String] = []
    if let best = state.done.ranked(plan).first, best.failure == nil,
      let value = best.figures[plan.objective.rawValue]
    {
      words.append(
        "best \(plan.objective.rawValue) \(fixed(value, 3)) (trial \(best.number))")
    }
    let each = (ContinuousClock.now - start) / .seconds(1) / Double(state.trained)
    words.append("about \(Int(each * Double(max(0, total - state.done.count)))) s left")
    return words.joined(separator: ", ")
  }

  /// Keeps in mind that something was not recorded.
  func warn(_ error: any Error) {
    state.withLock { $0.warnings.append("a trial was not recorded: \(error)") }
  }

  /// What could not be recorded.
  var warnings: [String] { state.withLock { $0.warnings } }

  /// Lets trials that have not begun be.
  func fail() { state.withLock { $0.hasFailed = true } }

  /// Whether a trial failed for good.
  var hasFailed: Bool { state.withLock { $0.hasFailed } }

  /// The error of a search that was stopped.
  var stopped: TuningError {
    .stopped(done: min(total, state.withLock { $0.done.count }), total: total)
  }
}
