internal import Storage
public import Telemetry

/// What to pull from Loki.
public struct LokiRequest: Sendable {
  /// Where to pull from.
  public var connection: ServerConnection
  /// LogQL queries for lines. A line that several of them select is exported as often.
  public var queries: [String]
  /// The first instant.
  public var start: TimeExpression
  /// The instant before which lines end.
  public var end: TimeExpression
  /// The time that one file covers.
  public var window = TimeSpan.hours(1)
  /// Lines per page; Loki's own maximum is 5,000 unless configured otherwise.
  public var limit = 5000
  /// What the limit may be raised to for a single instant with more lines than that.
  public var mostLimit = 100_000

  /// Makes a request.
  public init(
    connection: ServerConnection, queries: [String], start: TimeExpression, end: TimeExpression
  ) {
    (self.connection, self.queries) = (connection, queries)
    (self.start, self.end) = (start, end)
  }

  func validate() throws(ExportError) {
    guard !queries.isEmpty else {
      throw .invalidRequest(reason: "nothing to export; give --query")
    }
    guard window >= .seconds(1) else {
      throw .invalidRequest(reason: "--window must be at least 1s, not \(window)")
    }
    guard limit >= 1, mostLimit >= limit else {
      throw .invalidRequest(
        reason: "--limit must be at least 1 and at most --max-limit \(mostLimit), not \(limit)")
    }
  }

  /// What tells this export from others.
  var identity: [String: JSONValue] {
    [
      "source": "loki", "url": .string(connection.address.text),
      "query": .array(queries.map(JSONValue.string)), "start": .string(start.description),
      "end": .string(end.description), "window": .string(window.description),
      "tenant": connection.credentials.tenant.map(JSONValue.string) ?? .null,
    ]
  }

  /// Consecutive windows; each begins at the instant before which the one before it ends.
  func items(of resolved: ResolvedRequest) -> [ExportItem] {
    resolved.queries.indices.flatMap { query in
      sequence(state: resolved.start) { (start: inout Timestamp) -> ExportItem? in
        guard start < resolved.end else { return nil }
        let end = min(start + window, resolved.end)
        defer { start = end }
        return ExportItem(query: query, start: start, end: end)
      }
    }
  }
}
