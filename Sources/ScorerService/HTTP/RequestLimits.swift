internal import Synchronization

/// How many requests may be under way, and how many may come in a second.
final class RequestLimits: Sendable {
  private let most: Int
  private let rate: Double
  private let underWay = Atomic<Int>(0)
  private let bucket: Mutex<(tokens: Double, filled: ContinuousClock.Instant)>

  init(underWay most: Int, perSecond: Int) {
    self.most = most
    rate = Double(perSecond)
    bucket = Mutex((Double(perSecond), .now))
  }

  convenience init(_ limits: ScorerConfiguration.Limits) {
    self.init(underWay: limits.queue, perSecond: limits.requestsPerSecond)
  }

  /// Lets a request in, or says after how many seconds to try again. Who was let in must `leave`.
  func enter() -> (isIn: Bool, retryAfter: Int) {
    guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= most else {
      leave()
      return (false, 1)
    }
    let isIn = bucket.withLock { bucket in
      let now = ContinuousClock.now
      bucket.tokens = min(rate, bucket.tokens + bucket.filled.duration(to: now).seconds * rate)
      bucket.filled = now
      guard bucket.tokens >= 1 else { return false }
      bucket.tokens -= 1
      return true
    }
    if !isIn { leave() }
    return (isIn, 1)
  }

  func leave() { underWay.wrappingSubtract(1, ordering: .relaxed) }
}
