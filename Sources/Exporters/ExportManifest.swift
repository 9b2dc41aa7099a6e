internal import Storage
internal import Telemetry

/// What an export was asked for, what that meant when it began, and which parts are finished.
struct ExportManifest {
  /// Names the format and its version.
  static let format = "autopilot-export-1"

  /// What was asked, for people and to tell one export from another; no secrets.
  let request: [String: JSONValue]
  /// What the request meant when the export began.
  let resolved: ResolvedRequest
  /// Finished parts by file name.
  var chunks: [String: ChunkRecord] = [:]
  /// Whether all parts are finished and none lacks anything.
  var isComplete = false

  init(request: [String: JSONValue], resolved: ResolvedRequest) {
    (self.request, self.resolved) = (request, resolved)
  }

  init(parsing bytes: [UInt8], path: String) throws {
    let document = JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)'")
    }
    guard case .object(let request) = try document["request"].value else {
      throw try document["request"].expected("an object")
    }
    self.request = request
    resolved = try ResolvedRequest(document["resolved"])
    for (name, chunk) in try document["chunks"].members { chunks[name] = try ChunkRecord(chunk) }
    isComplete = try document["complete"].bool
  }

  func json() -> JSONValue {
    [
      "format": .string(Self.format), "request": .object(request), "resolved": resolved.json(),
      "chunks": .object(chunks.mapValues { $0.json() }), "complete": .bool(isComplete),
    ]
  }
}

/// A request with fixed times and queries.
struct ResolvedRequest: Hashable, Sendable {
  /// When the export began.
  var at: Timestamp
  var start: Timestamp
  var end: Timestamp
  /// The queries sent, in the order of their numbers.
  var queries: [String]

  init(at: Timestamp, start: Timestamp, end: Timestamp, queries: [String]) {
    (self.at, self.start, self.end, self.queries) = (at, start, end, queries)
  }

  init(_ document: JSONDocument) throws {
    self.init(
      at: try document["at"].instant, start: try document["start"].instant,
      end: try document["end"].instant,
      queries: try document["queries"].elements.map { try $0.string })
  }

  func json() -> JSONValue {
    [
      "at": .string(at.description), "start": .string(start.description),
      "end": .string(end.description), "queries": .array(queries.map(JSONValue.string)),
    ]
  }
}
