internal import Storage
internal import Telemetry

/// A part of an export: one query over one window of time.
struct ExportItem: Hashable, Sendable {
  /// The query's number.
  var query: Int
  var start: Timestamp
  var end: Timestamp

  /// Whether another part of the same query lies within this one.
  func contains(_ other: ExportItem) -> Bool {
    query == other.query && start <= other.start && other.end <= end
  }
}

/// What is known of a finished part.
struct ChunkRecord: Hashable, Sendable {
  var item: ExportItem
  /// SHA-256 of the file as it is on disk.
  var sha256: String
  /// The file's size on disk.
  var bytes: Int
  /// How many of what it holds, such as `samples`.
  var counts: [String: Int]
  /// What the server had to say about its own answers.
  var warnings: [String] = []
  /// Instants whose lines did not fit into an answer.
  var gaps: [LineGap] = []

  init(item: ExportItem, sha256: String, bytes: Int, counts: [String: Int]) {
    (self.item, self.sha256, self.bytes, self.counts) = (item, sha256, bytes, counts)
  }

  init(_ document: JSONDocument) throws {
    item = ExportItem(
      query: try document["query"].integer, start: try document["start"].instant,
      end: try document["end"].instant)
    sha256 = try document["sha256"].string
    bytes = try document["bytes"].count
    counts = Dictionary(
      uniqueKeysWithValues: try document["counts"].members.map { ($0.key, try $0.value.count) })
    warnings = try document.optional("warnings")?.elements.map { try $0.string } ?? []
    gaps = try document.optional("gaps")?.elements.map { try LineGap($0) } ?? []
  }

  func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "query": .integer(item.query), "start": .string(item.start.description),
      "end": .string(item.end.description), "sha256": .string(sha256), "bytes": .integer(bytes),
      "counts": .object(counts.mapValues(JSONValue.integer)),
    ]
    if !warnings.isEmpty { members["warnings"] = .array(warnings.map(JSONValue.string)) }
    if !gaps.isEmpty { members["gaps"] = .array(gaps.map { $0.json() }) }
    return .object(members)
  }
}

/// An instant that holds more lines than the server returns at once.
struct LineGap: Hashable, Sendable {
  /// Nanoseconds since 1970.
  var time: Int64
  /// Lines that are missing by the server's count; nil when it does not count.
  var missing: Int?

  init(time: Int64, missing: Int?) { (self.time, self.missing) = (time, missing) }

  init(_ document: JSONDocument) throws {
    guard let time = Int64(try document["time"].string) else {
      throw try document["time"].expected("nanoseconds")
    }
    self.init(time: time, missing: try document.optional("missing")?.count)
  }

  func json() -> JSONValue {
    ["time": .string(String(time)), "missing": missing.map(JSONValue.integer) ?? .null]
  }
}

/// The most parts of an export, whose list is kept in memory.
private let mostParts: Int64 = 1_000_000

/// Makes sure that a query is divided into a sensible number of parts.
///
/// - Parameter option: What makes parts longer.
func checkParts(
  from start: Timestamp, to end: Timestamp, each length: TimeSpan, option: String
) throws(ExportError) {
  let parts = (end - start).milliseconds / length.milliseconds
  guard parts < mostParts else {
    throw .invalidRequest(
      reason: "the range would be divided into \(parts) parts, more than \(mostParts); choose a "
        + "larger \(option)")
  }
}

extension JSONDocument {
  /// An RFC 3339 instant.
  var instant: Timestamp {
    get throws {
      guard let instant = Timestamp(rfc3339: try string) else {
        throw expected("an RFC 3339 instant")
      }
      return instant
    }
  }

  /// A number of things, small enough for sums of a million of them.
  var count: Int {
    get throws {
      let number = try integer
      guard (0...1 << 40).contains(number) else { throw expected("a count") }
      return number
    }
  }
}
