internal import Synchronization
package import Telemetry

/// Who goes first where a Prometheus is asked and another one writes: the one that is asked, which
/// knows history and logs. What is written counts where the other fails.
package final class InputOrder: Sendable {
  /// How much longer rows of writes wait than those that are asked for, in intervals.
  package static let patience = 1

  private struct State {
    /// The model that the rows are for.
    var model = ""
    var hasCaughtUp = false
    var heard: ContinuousClock.Instant
  }

  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: Mutex<State>

  /// Makes an order.
  package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
    state = Mutex(State(heard: now()))
  }

  /// Rows for a model are asked for from now on.
  package func begin(model: String) {
    state.withLock { state in
      if state.model != model { state = State(model: model, heard: now()) }
    }
  }

  /// Rows were asked for and came.
  ///
  /// - Parameters:
  ///   - newest: The end of their last cell.
  ///   - latest: The end of the last cell that can be asked for.
  ///   - model: The digest of the model that they are for.
  package func asked(
    _ newest: Timestamp, latest: Timestamp, interval: TimeSpan, model: String
  ) {
    state.withLock { state in
      if state.model != model { (state.model, state.hasCaughtUp) = (model, false) }
      state.heard = now()
      if newest + interval >= latest { state.hasCaughtUp = true }
    }
  }

  /// Whether a row that was written counts.
  ///
  /// - Parameters:
  ///   - metrics: Its values.
  ///   - time: The end of its cell.
  ///   - last: The end of the last cell of its service that was scored.
  package func admits(
    _ metrics: [Double], of time: Timestamp, after last: Timestamp?, interval: TimeSpan,
    model: String
  ) -> Bool {
    guard metrics.contains(where: \.isFinite), last.map({ $0 < time }) ?? true else { return false }
    return state.withLock { state in
      if state.model == model, state.hasCaughtUp { return true }
      // Who neither answers nor comes along with history must not keep the other one out.
      let silence = Duration.milliseconds(max(2 * interval.milliseconds, 120_000))
      return state.heard.duration(to: now()) > silence
    }
  }
}
