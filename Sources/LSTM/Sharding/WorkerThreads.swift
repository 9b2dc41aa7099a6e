internal import Dispatch
internal import Synchronization

/// Threads that share out numbered pieces of work and sleep in between.
///
/// The caller works too and waits for the pieces alone, not for threads that came too late for any,
/// so that a busy core costs no more than the pieces it has begun.
package final class WorkerThreads: Sendable {
  private let queues: [DispatchQueue]

  /// Makes as many threads, the caller's among them.
  ///
  /// - Precondition: `threads` is positive.
  package init(threads: Int) {
    precondition(threads > 0, "\(threads) threads")
    queues = (1..<threads).map { DispatchQueue(label: "lstm.\($0)") }
  }

  /// Calls `body` with every number in 0..<count, each once, on some thread; returns when all calls
  /// have.
  package func perform(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let helpers = min(queues.count, count - 1)
    guard helpers > 0 else {
      for piece in 0..<count { body(piece) }
      return
    }
    let round = Round(count, body)
    for queue in queues[..<helpers] { queue.async { round.work() } }
    round.work()
    round.wait()
  }
}

/// One call of `perform`.
private final class Round: Sendable {
  private let count: Int
  private let begun = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let allFinished = DispatchSemaphore(value: 0)
  // Let go of at the end: late threads would otherwise keep what it refers to from being changed
  // in place.
  private let body: Mutex<(@Sendable (Int) -> Void)?>

  init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = Mutex(body)
  }

  /// Takes pieces until there are no more.
  func work() {
    while true {
      let piece = begun.add(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      call(piece)
      if finished.add(1, ordering: .acquiringAndReleasing).newValue == count {
        allFinished.signal()
      }
    }
  }

  func wait() {
    allFinished.wait()
    body.withLock { $0 = nil }
  }

  @inline(never)
  private func call(_ piece: Int) {
    let body = body.withLock { $0 }
    body?(piece)
  }
}
