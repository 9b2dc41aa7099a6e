public import Diagnostics
internal import Storage
internal import Telemetry

/// Pulls the log lines of a time range from Loki into files that `autopilot ingest` reads: JSON
/// lines as `logcli --output=jsonl` writes them, compressed with gzip.
///
/// No line is lost or repeated where pages meet. Instants with more lines than the server returns
/// at once are counted and reported as an error, after everything else has been fetched.
///
/// - Parameters:
///   - folder: Created if need be; holds `manifest.json` and the parts in `chunks`.
/// - Throws: `ExportError`; finished parts stay for the next run.
public func exportLoki(
  _ request: LokiRequest, to folder: String, progress: @escaping ProgressSink
) async throws -> ExportSummary {
  try request.validate()
  return try await withClient(request.connection) { client in
    let output = try ExportFolder(
      opening: folder, request: request.identity, suffix: ".jsonl.gz", progress: progress)
    return try await export(request, client, to: output, progress)
  }
}

private func export(
  _ request: LokiRequest, _ client: QueryClient, to output: ExportFolder,
  _ progress: @escaping ProgressSink
) async throws -> ExportSummary {
  let resolved = try output.resolved ?? resolve(request)
  output.begin(resolved)
  let area = output.area
  let run = ExportRun(
    folder: output, concurrency: request.connection.concurrency, stage: "export loki",
    progress: progress, split: { _ in nil }, query: { resolved.queries[$0.query] }
  ) { item, name, number in
    var chunk = LokiChunk(request, resolved, client, number: number)
    return try await chunk.fetch(item, to: area.path(for: name))
  }
  let fetched = try await run(request.items(of: resolved))
  let gaps = output.chunks.values.flatMap(\.gaps).sorted { $0.time < $1.time }
  try output.finish(isComplete: gaps.isEmpty)
  if let first = gaps.first {
    throw ExportError.missingLines(
      path: output.chunkFolder, instants: gaps.count, first: instant(nanoseconds: first.time),
      missing: gaps.reduce(0) { $0 + ($1.missing ?? 0) },
      uncounted: gaps.count { $0.missing == nil })
  }
  // Agents that lost their connection deliver up to an hour late by Loki's own defaults.
  let notes =
    request.connection.notes + movingNote(resolved, within: .hours(1))
    + emptyQueryNotes(resolved, output.chunks.values, counting: "lines")
  return ExportSummary(
    output, resolved: resolved, fetched: fetched, retries: client.retries, notes: notes)
}

private func resolve(_ request: LokiRequest) throws -> ResolvedRequest {
  let now = request.connection.now
  let start = request.start.resolved(at: now, unit: .seconds(1))
  let end = request.end.resolved(at: now, unit: .seconds(1))
  guard start < end else {
    throw ExportError.invalidRequest(reason: "--end \(end) is not after --start \(start)")
  }
  try checkParts(from: start, to: end, each: request.window, option: "--window")
  // Beyond these years nanoseconds do not fit in 64 bits.
  let range = Timestamp(seconds: -9_000_000_000)...Timestamp(seconds: 9_000_000_000)
  guard range.contains(start), range.contains(end) else {
    throw ExportError.invalidRequest(reason: "--start and --end must be from 1685 to 2255")
  }
  return ResolvedRequest(at: now, start: start, end: end, queries: request.queries)
}

/// One window of one query on its way into a file.
private struct LokiChunk {
  private let request: LokiRequest
  private let resolved: ResolvedRequest
  private let client: QueryClient
  private let number: Int
  private var warnings: Set<String> = []
  private var query = ""

  init(_ request: LokiRequest, _ resolved: ResolvedRequest, _ client: QueryClient, number: Int) {
    (self.request, self.resolved, self.client) = (request, resolved, client)
    self.number = number
  }

  /// Writes a window's lines; each page is a gzip member of its own, so that a window of any size
  /// needs the memory of one page.
  ///
  /// - Throws: `AttemptFailure.tooLarge` when even one line is larger than an answer may be.
  mutating func fetch(_ item: ExportItem, to path: String) async throws -> ChunkRecord {
    query = resolved.queries[item.query]
    var pager = LokiPager(
      start: nanoseconds(item.start), end: nanoseconds(item.end), limit: request.limit,
      mostLimit: request.mostLimit)
    var file = try MemberFile(creatingAt: path)
    var lines = 0
    while let question = pager.next {
      let fresh: [LokiEntry]
      do {
        fresh = pager.take(try await page(question))
      } catch let failure as AttemptFailure {
        // The client repeats what is transient itself: this answer was too large.
        if pager.isRaised {
          fresh = pager.giveUp()
        } else {
          guard pager.lower() else { throw failure }
          continue
        }
      } catch ExportError.refused(_, 400, let message)
        where pager.isRaised && message.contains("limit")
      {
        fresh = pager.giveUp()
      }
      lines += fresh.count
      try file.append(fresh.map(\.jsonLine).joined())
    }
    let (sha256, bytes) = try file.close()
    var record = ChunkRecord(
      item: item, sha256: sha256, bytes: bytes, counts: ["lines": lines])
    record.warnings = warnings.sorted()
    for overflow in pager.overflows {
      if let gap = try await gap(at: overflow) { record.gaps.append(gap) }
    }
    return record
  }

  private mutating func page(_ question: LokiPager.Request) async throws -> [LokiEntry] {
    let parameters = [
      ("query", query), ("start", String(question.start)), ("end", String(question.end)),
      ("limit", String(question.limit)), ("direction", "forward"),
    ]
    let page = try await client.ask(
      "/loki/api/v1/query_range", parameters, stream: number
    ) { answer in
      let page = try LokiPage(answer)
      guard page.entries.allSatisfy({ $0.time >= question.start && $0.time < question.end }) else {
        throw ExportError.unexpectedAnswer(
          url: answer.url, reason: "answered with lines outside of the time asked for")
      }
      return page
    }
    warnings.formUnion(page.warnings)
    return page.entries
  }

  /// How many lines an instant lacks, by the server's own count; nil when none is missing.
  private func gap(at overflow: LokiPager.Overflow) async throws -> LineGap? {
    let parameters = [
      ("query", "sum(count_over_time(\(query) [1ns]))"), ("time", String(overflow.time)),
    ]
    let count: Int?
    do {
      count = try await client.ask(
        "/loki/api/v1/query", parameters, stream: number, read: countedLines)
    } catch ExportError.refused, ExportError.unexpectedAnswer {
      count = nil  // Not every server counts; that lines may be missing is still known.
    }
    guard let count else { return LineGap(time: overflow.time, missing: nil) }
    let missing = count - overflow.received
    return missing > 0 ? LineGap(time: overflow.time, missing: missing) : nil
  }
}

private func nanoseconds(_ instant: Timestamp) -> Int64 { instant.milliseconds * 1_000_000 }

/// The value of an instant query's only series; nil when it has none.
private func countedLines(_ answer: Answer) throws -> Int? {
  let document = JSONDocument(
    try JSONValue(parsing: answer.text, source: answer.url), source: answer.url)
  guard let value = try document["data"]["result"].elements.first?["value"].elements.last else {
    return nil
  }
  return Int(try value.string)
}
