public import Exporters
internal import Storage
internal import Telemetry

/// A Loki to ask for the newest lines.
public struct LokiInput: Sendable {
  /// Where it is, and how to talk to it.
  public var connection: ServerConnection
  /// LogQL queries for lines. A line that several of them select counts once.
  public var queries: [String]
  /// Lines per page; Loki's own maximum is 5,000 unless configured otherwise.
  public var limit = 5000
  /// What the limit may be raised to for a single instant with more lines than that.
  public var mostLimit = 100_000

  /// Makes an input.
  public init(connection: ServerConnection, queries: [String]) {
    (self.connection, self.queries) = (connection, queries)
  }
}

/// Asks a Loki for the lines of cells.
struct LokiFetch: Sendable {
  let input: LokiInput
  let router: SeriesRouter
  let numbers: CellNumbers
  let limits: LiveLimits

  /// What came.
  struct Result: Sendable {
    /// Nil when there are too many: some of them would be mistaken for all.
    var lines: [LiveLine]? = []
    var counts = SampleCounts()
    /// What could not be had, for people.
    var losses: [String] = []
  }

  /// The lines of cells, and of one before, whose last lines others may follow.
  ///
  /// - Throws: `TooMuch` when there are too many for several cells.
  func lines(_ cells: ClosedRange<Int>, _ client: QueryClient) async throws -> Result {
    do {
      return try await allLines(cells, client)
    } catch let excess as Excess {
      guard cells.count == 1 else { throw TooMuch(reason: excess.reason) }
      var result = Result(lines: nil)
      result.counts.add(.dropped, excess.lines)
      result.losses.append("\(excess.reason) in one cell, whose logs count as unknown")
      return result
    }
  }

  /// There are more lines than can be taken.
  private struct Excess: Error {
    var reason: String
    /// Those seen so far.
    var lines: Int
  }

  private func allLines(_ cells: ClosedRange<Int>, _ client: QueryClient) async throws -> Result {
    let counted = nanoseconds(numbers.end(of: cells.lowerBound - 1))
    let start = nanoseconds(numbers.end(of: cells.lowerBound - 2))
    let end = nanoseconds(numbers.end(of: cells.upperBound))
    var result = Result()
    var lines: [LiveLine] = []
    var bytes = 0
    var seen = Set<LokiEntry>()
    for query in input.queries {
      var pager = LokiPager(start: start, end: end, limit: input.limit, mostLimit: input.mostLimit)
      // Streams come again and again.
      var streams: [String: (labels: [String: String], isWanted: Bool)] = [:]
      while let question = pager.next {
        let entries: [LokiEntry]
        do {
          entries = try await page(query, question, &pager, client)
        } catch AttemptFailure.tooLarge(let reason) {
          throw Excess(reason: reason, lines: max(1, lines.count))
        }
        for entry in entries {
          if input.queries.count > 1, !seen.insert(entry).inserted { continue }
          if streams.count >= 1 << 16 { streams.removeAll() }
          let stream = try streams[entry.labels] ?? self.stream(of: entry.labels)
          streams[entry.labels] = stream
          let isCounted = entry.time >= counted
          guard stream.isWanted else {
            if isCounted { result.counts.add(.unknownSeries) }
            continue
          }
          bytes += entry.line.utf8.count
          guard bytes <= limits.logBytes else {
            throw Excess(
              reason: "log lines beyond the limit of \(limits.logBytes) bytes",
              lines: lines.count + 1)
          }
          lines.append(
            LiveLine(time: entry.time, labels: stream.labels, text: Array(entry.line.utf8)))
          guard isCounted else { continue }
          result.counts.add(.accepted)
          result.counts.saw(entry.time / 1_000_000)
        }
      }
      for overflow in pager.overflows {
        result.losses.append(
          "more than \(overflow.received) lines at one instant; raise the server's "
            + "max_entries_limit_per_query")
      }
    }
    result.lines = lines
    return result
  }

  private func stream(of text: String) throws -> (labels: [String: String], isWanted: Bool) {
    let source = "a log stream's labels"
    let document = JSONDocument(
      try JSONValue(parsing: Array(text.utf8), source: source), source: source)
    let labels = Dictionary(
      uniqueKeysWithValues: try document.members.map { ($0.key, try $0.value.string) })
    return (labels, router.wantsLog(labels))
  }

  private func page(
    _ query: String, _ question: LokiPager.Request, _ pager: inout LokiPager, _ client: QueryClient
  ) async throws -> [LokiEntry] {
    let parameters = [
      ("query", query), ("start", String(question.start)), ("end", String(question.end)),
      ("limit", String(question.limit)), ("direction", "forward"),
    ]
    do {
      let entries = try await client.ask(
        "/loki/api/v1/query_range", parameters, stream: 0
      ) { answer in
        let page = try LokiPage(answer)
        guard page.entries.allSatisfy({ $0.time >= question.start && $0.time < question.end })
        else {
          throw ExportError.unexpectedAnswer(
            url: answer.url, reason: "answered with lines outside of the time asked for")
        }
        return page.entries
      }
      return pager.take(entries)
    } catch let failure as AttemptFailure {
      if pager.isRaised { return pager.giveUp() }
      guard pager.lower() else { throw failure }
      return []
    } catch ExportError.refused(_, 400, let message)
      where pager.isRaised && message.contains("limit")
    {
      return pager.giveUp()
    }
  }

  /// The first nanosecond that is later than a cell's end in whole milliseconds.
  private func nanoseconds(_ end: Timestamp) -> Int64 { (end.milliseconds + 1) * 1_000_000 }
}
