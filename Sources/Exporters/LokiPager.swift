/// Pages forward through a window of time without losing or repeating lines.
///
/// Loki pages by time only, and a page may end between lines of one instant. The next page
/// therefore begins at the instant at which the last one ended, and what is known of that instant
/// is left out, by stream, line and number of occurrences. When a whole page is of one instant,
/// time no longer helps: that instant is asked for alone with a higher limit.
///
/// A value without any input or output: take `next`, ask, and hand over the answer.
package struct LokiPager {
  /// A question; the start is included, the end is not.
  package struct Request: Hashable {
    package var start: Int64
    package var end: Int64
    package var limit: Int
  }

  /// An instant whose lines did not fit into the highest limit.
  package struct Overflow: Hashable {
    package var time: Int64
    package var received: Int

    package init(time: Int64, received: Int) { (self.time, self.received) = (time, received) }
  }

  /// What to ask next; nil when all is there.
  package private(set) var next: Request?
  /// Instants that may lack lines.
  package private(set) var overflows: [Overflow] = []

  private let end: Int64
  private let mostLimit: Int
  private var limit: Int
  /// Lines at `next.start` that were handed out, with their number.
  private var seen: [LokiEntry: Int] = [:]
  /// The lines of a crowded instant, until all of them fit or no higher limit is possible.
  private var crowd: [LokiEntry]?

  /// Pages through `start..<end`, nanoseconds since 1970.
  package init(start: Int64, end: Int64, limit: Int, mostLimit: Int) {
    precondition(limit >= 1 && mostLimit >= limit, "limits \(limit) and \(mostLimit)")
    (self.end, self.limit, self.mostLimit) = (end, limit, mostLimit)
    next = start < end ? Request(start: start, end: end, limit: limit) : nil
  }

  /// Takes the answer to `next`, in the order of time, and returns the lines that are new.
  ///
  /// - Precondition: All lines lie in the time asked for.
  package mutating func take(_ entries: [LokiEntry]) -> [LokiEntry] {
    guard let request = next else { preconditionFailure("an answer to no question") }
    precondition(
      entries.allSatisfy { $0.time >= request.start && $0.time < request.end },
      "lines outside of \(request)")
    if crowd != nil {
      if entries.count < request.limit { return leaveCrowd(entries, at: request.start) }
      crowd = entries
      guard request.limit < mostLimit else { return giveUp() }
      next?.limit = min(request.limit * 2, mostLimit)
      return []
    }
    // Loki promises that a page below the limit is the last one. Asking until nothing new comes
    // costs one more question, and holds for servers that return less than they were asked for.
    guard let last = entries.last?.time else { return finish([]) }
    if entries.count >= request.limit, entries[0].time == last {
      crowd = entries
      next = Request(start: last, end: last + 1, limit: min(limit * 2, mostLimit))
      return limit == mostLimit ? giveUp() : []
    }
    let fresh = new(among: entries)
    guard !fresh.isEmpty else { return finish([]) }
    remember(entries, at: last)
    next = Request(start: last, end: end, limit: limit)
    return fresh
  }

  /// The server takes no limit as high as that of `next`; returns what is known of the instant.
  ///
  /// - Precondition: `isRaised`.
  package mutating func giveUp() -> [LokiEntry] {
    guard let request = next, let entries = crowd else {
      preconditionFailure("the limit was not raised")
    }
    overflows.append(Overflow(time: request.start, received: entries.count))
    return leaveCrowd(entries, at: request.start)
  }

  /// Whether `next` asks for more lines than configured, which the server may refuse.
  package var isRaised: Bool { crowd != nil }

  /// Asks for fewer lines from now on; false when there is no less.
  package mutating func lower() -> Bool {
    guard limit > 1, !isRaised else { return false }
    limit /= 2
    next?.limit = limit
    return true
  }

  private mutating func leaveCrowd(_ entries: [LokiEntry], at time: Int64) -> [LokiEntry] {
    let fresh = new(among: entries)
    crowd = nil
    seen = [:]
    next = time + 1 < end ? Request(start: time + 1, end: end, limit: limit) : nil
    return fresh
  }

  private mutating func finish(_ fresh: [LokiEntry]) -> [LokiEntry] {
    next = nil
    return fresh
  }

  private func new(among entries: [LokiEntry]) -> [LokiEntry] {
    guard !seen.isEmpty else { return entries }
    var left = seen
    return entries.filter { entry in
      guard let count = left[entry], count > 0 else { return true }
      left[entry] = count - 1
      return false
    }
  }

  private mutating func remember(_ entries: [LokiEntry], at time: Int64) {
    if next?.start != time { seen = [:] }
    var counts: [LokiEntry: Int] = [:]
    for entry in entries.reversed() {
      guard entry.time == time else { break }
      counts[entry, default: 0] += 1
    }
    seen.merge(counts) { max($0, $1) }
  }
}
