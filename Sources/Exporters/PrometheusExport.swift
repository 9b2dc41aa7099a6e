public import Diagnostics
internal import Foundation
internal import Storage
internal import Telemetry
internal import Transport

/// Pulls a time range from Prometheus into files that `autopilot ingest` reads.
///
/// The range is divided into windows below the server's limit of points; each window's answer is
/// checked and kept as it came, compressed with gzip. What an earlier run with the same request
/// finished in the folder is verified and not fetched again.
///
/// - Parameters:
///   - folder: Created if need be; holds `manifest.json` and the parts in `chunks`.
/// - Throws: `ExportError`; finished parts stay for the next run.
public func exportPrometheus(
  _ request: PrometheusRequest, to folder: String, progress: @escaping ProgressSink
) async throws -> ExportSummary {
  try request.validate()
  return try await withClient(request.connection) { client in
    let output = try ExportFolder(
      opening: folder, request: request.identity, suffix: ".json.gz", progress: progress)
    return try await export(request, client, to: output, progress)
  }
}

private func export(
  _ request: PrometheusRequest, _ client: QueryClient, to output: ExportFolder,
  _ progress: @escaping ProgressSink
) async throws -> ExportSummary {
  let resolved: ResolvedRequest
  if let earlier = output.resolved {
    resolved = earlier
  } else {
    resolved = try await resolve(request, client)
  }
  output.begin(resolved)
  let items = request.items(of: resolved)
  let (area, step) = (output.area, request.step)
  let run = ExportRun(
    folder: output, concurrency: request.connection.concurrency, stage: "export prometheus",
    progress: progress, split: request.halves, query: { resolved.queries[$0.query] }
  ) { item, name, number in
    let parameters = [
      ("query", resolved.queries[item.query]), ("start", seconds(item.start.milliseconds)),
      ("end", seconds(item.end.milliseconds)), ("step", seconds(step.milliseconds)),
    ]
    let (bytes, found) = try await client.ask(
      "/api/v1/query_range", parameters, stream: number
    ) { ($0.gzip, try PrometheusAnswer($0)) }
    try FileSystem.writeFileAtomically(bytes, to: area.path(for: name))
    var record = ChunkRecord(
      item: item, sha256: SHA256Digest.hexadecimal(of: bytes), bytes: bytes.count,
      counts: ["series": found.series, "samples": found.samples])
    if found.histograms > 0 { record.counts["native_histograms"] = found.histograms }
    record.warnings = found.warnings
    return record
  }
  let fetched = try await run(items)
  try output.finish(isComplete: true)
  var notes = request.connection.notes
  // Scrapes and recording rules arrive late by up to an evaluation interval or two.
  notes += movingNote(resolved, within: .minutes(5))
  notes += emptyQueryNotes(resolved, output.chunks.values, counting: "samples")
  let histograms = output.chunks.values.reduce(0) { $0 + ($1.counts["native_histograms"] ?? 0) }
  if histograms > 0 {
    notes.append("\(histograms) native histograms are in the files, and ingest skips them")
  }
  return ExportSummary(
    output, resolved: resolved, fetched: fetched, retries: client.retries, notes: notes)
}

/// Fixes the request's times, and asks which metrics the selectors select.
private func resolve(
  _ request: PrometheusRequest, _ client: QueryClient
) async throws -> ResolvedRequest {
  let now = request.connection.now
  let start = request.start.resolved(at: now, unit: request.step)
  let end = request.end.resolved(at: now, unit: request.step)
  guard start <= end else {
    throw ExportError.invalidRequest(reason: "--end \(end) is before --start \(start)")
  }
  try checkParts(
    from: start, to: end, each: request.step * request.points, option: "--points or --step")
  var queries = request.queries
  for (index, selector) in request.selectors.enumerated() {
    let parameters = [
      ("match[]", selector), ("start", seconds(start.milliseconds)),
      ("end", seconds(end.milliseconds)),
    ]
    let metrics: [String]
    do {
      metrics = try await client.ask(
        "/api/v1/label/__name__/values", parameters, stream: -1 - index, read: metricNames)
    } catch AttemptFailure.tooLarge(let reason) {
      throw ExportError.answerTooLarge(query: firstLine(selector), reason: reason)
    }
    guard !metrics.isEmpty else {
      throw ExportError.unexpectedAnswer(
        url: request.connection.address.text,
        reason: "has no series that match \(selector) from \(start) to \(end)")
    }
    // One metric only: its selector may already name it, and must not name it twice.
    queries += metrics.count == 1 ? [selector] : metrics.map { narrowed(selector, to: $0) }
  }
  return ResolvedRequest(at: now, start: start, end: end, queries: queries)
}

/// Milliseconds as seconds with a fraction only where there is one.
package func seconds(_ milliseconds: Int64) -> String {
  let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
  let sign = milliseconds < 0 ? "-" : ""
  guard rest != 0 else { return "\(sign)\(whole)" }
  let digits = String(rest)
  return "\(sign)\(whole).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
}
