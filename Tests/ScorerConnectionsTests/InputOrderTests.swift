import ScorerConnections
import Synchronization
import Telemetry
import Testing

/// A clock that a test moves.
private final class Hand: Sendable {
  private let instant = Mutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { instant.withLock { $0 } }

  func advance(by time: Duration) { instant.withLock { $0 += time } }
}

@Suite("Rows of writes beside a Prometheus that is asked")
struct InputOrderTests {
  private let hand = Hand()
  private let order: InputOrder
  private let end = Timestamp(seconds: 1_780_000_200)
  private let interval = TimeSpan.minutes(5)

  init() {
    let hand = hand
    order = InputOrder { hand.now }
  }

  private func admits(
    _ metrics: [Double] = [1, .nan], after last: Timestamp? = nil, model: String = "one"
  ) -> Bool {
    order.admits(metrics, of: end, after: last, interval: interval, model: model)
  }

  private func asked(_ newest: Timestamp) {
    order.asked(newest, latest: end, interval: interval, model: "one")
  }

  @Test("They do not come before history, which they would make stale")
  func history() {
    #expect(!admits())
    asked(end - interval * 12)
    #expect(!admits())
    asked(end - interval)
    #expect(admits())
  }

  @Test("Without a value, or of a cell that was scored, they never count")
  func empty() {
    asked(end)
    #expect(!admits([.nan, .nan]))
    #expect(!admits([]))
    #expect(!admits(after: end))
    #expect(admits(after: end - interval))
  }

  @Test("They wait for the history of another model anew")
  func models() {
    asked(end)
    #expect(admits())
    #expect(!admits(model: "two"))
    order.asked(end, latest: end, interval: interval, model: "two")
    #expect(admits(model: "two"))
  }

  @Test("A Prometheus that does not answer keeps them out for two intervals, not for ever")
  func silence() {
    // Time without a model is nobody's silence.
    hand.advance(by: .seconds(6_000))
    order.begin(model: "one")
    hand.advance(by: .seconds(600))
    #expect(!admits())
    hand.advance(by: .seconds(1))
    #expect(admits())
    #expect(!admits([.nan]))
    asked(end - interval * 12)
    #expect(!admits())
  }
}
