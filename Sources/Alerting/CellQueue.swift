internal import Synchronization
public import Telemetry

/// Scored cells on their way from the threads of connections to a desk.
public final class CellQueue<Cell: Sendable>: Sendable {
  /// The most cells that wait.
  public let limit: Int
  private let waiting = Mutex<(cells: [Cell], dropped: Int)>(([], 0))

  /// Makes an empty queue.
  public init(limit: Int) {
    precondition(limit >= 1, "limit \(limit)")
    self.limit = limit
  }

  /// Puts a cell in. When the queue is full the oldest go, a tenth at once: what is newest tells how
  /// services are.
  public func put(_ cell: Cell) {
    waiting.withLock { waiting in
      if waiting.cells.count >= limit {
        let surplus = max(1, limit / 10)
        waiting.cells.removeFirst(surplus)
        waiting.dropped += surplus
      }
      waiting.cells.append(cell)
    }
  }

  /// Takes all cells out, in their order; and how many were dropped since the last time.
  public func takeAll() -> (cells: [Cell], dropped: Int) {
    waiting.withLock { waiting in
      defer { waiting = ([], 0) }
      return waiting
    }
  }
}

extension AlertDesk {
  /// Takes cells with what people would be told of them.
  ///
  /// When it is cancelled, or details cannot be had, the rest goes without: an alert matters more than
  /// its words.
  ///
  /// - Parameter details: Tells what a cell is about, by its number.
  /// - Throws: What `details` throws, and `CancellationError`; all cells are taken even then.
  public nonisolated func take(
    _ cells: [ScoredCell], now: Timestamp, details: (Int) async throws -> AlertDetails?
  ) async throws {
    var cells = cells
    var failure: (any Error)?
    for index in cells.indices where failure == nil && cells[index].score >= 1 {
      guard await wantsDetails(of: cells[index].service, score: cells[index].score) else {
        continue
      }
      do {
        try Task.checkCancellation()
        cells[index].details = try await details(index)
      } catch {
        failure = error
      }
    }
    await take(cells, now: now)
    if let failure { throw failure }
  }
}
