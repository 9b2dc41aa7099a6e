public import Storage
public import Telemetry
internal import Transport

/// What an export brought.
public struct ExportSummary: Sendable {
  /// The folder to ingest.
  public let chunkFolder: String
  /// The first instant asked for.
  public let start: Timestamp
  /// The last instant asked for.
  public let end: Timestamp
  /// Finished parts, those of earlier runs included.
  public let chunks: Int
  /// Parts that this run fetched.
  public let fetched: Int
  /// How many of what the parts hold, such as `samples` or `lines`.
  public let counts: [String: Int]
  /// The parts' size on disk.
  public let bytes: Int
  /// Requests that were repeated.
  public let retries: Int
  /// What people should know about the data, one line each.
  public let notes: [String]

  init(
    _ folder: ExportFolder, resolved: ResolvedRequest, fetched: Int, retries: Int, notes: [String]
  ) {
    let records = folder.chunks.values
    chunkFolder = folder.chunkFolder
    (start, end) = (resolved.start, resolved.end)
    (chunks, self.fetched, self.retries) = (records.count, fetched, retries)
    // The same series is in many parts: their sum would be the number of nothing.
    counts = records.reduce(into: [:]) { counts, record in
      for (name, count) in record.counts where name != "series" {
        counts[name, default: 0] += count
      }
    }
    bytes = records.reduce(0) { $0 + $1.bytes }
    self.notes = notes + serverWarnings(records)
  }

  /// For programs.
  public func json() -> JSONValue {
    [
      "chunk_folder": .string(chunkFolder), "start": .string(start.description),
      "end": .string(end.description), "chunks": .integer(chunks), "fetched": .integer(fetched),
      "counts": .object(counts.mapValues(JSONValue.integer)), "bytes": .integer(bytes),
      "retries": .integer(retries), "notes": .array(notes.map(JSONValue.string)),
    ]
  }
}

/// What servers said of their answers, each text once, with how many answers it came with.
private func serverWarnings(_ records: some Collection<ChunkRecord>) -> [String] {
  var counts: [String: Int] = [:]
  for warning in records.flatMap(\.warnings) { counts[warning, default: 0] += 1 }
  return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
    "the server warned in \($0.value) answer\($0.value == 1 ? "" : "s"): \($0.key)"
  }
}

/// A note when the range ends so close to the export's beginning that data may still have come.
func movingNote(_ resolved: ResolvedRequest, within span: TimeSpan) -> [String] {
  guard resolved.end > resolved.at - span else { return [] }
  return [
    "the range ends at \(resolved.end), within \(span) of the export's beginning: its last part "
      + "may lack late data"
  ]
}

/// A note for each query without any result.
func emptyQueryNotes(
  _ resolved: ResolvedRequest, _ records: some Collection<ChunkRecord>, counting name: String
) -> [String] {
  var totals = Array(repeating: 0, count: resolved.queries.count)
  for record in records { totals[record.item.query] += record.counts[name] ?? 0 }
  return zip(resolved.queries, totals).filter { $0.1 == 0 }.map {
    "no \(name) for \(firstLine($0.0))"
  }
}
