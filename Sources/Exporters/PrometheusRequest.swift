internal import Storage
public import Telemetry

/// What to pull from Prometheus, or from anything else that answers its range queries.
public struct PrometheusRequest: Sendable {
  /// The most steps that Prometheus answers at once.
  public static let mostPoints = 11_000

  /// Where to pull from.
  public var connection: ServerConnection
  /// PromQL expressions.
  public var queries: [String]
  /// Series selectors; each is divided by metric name, so that answers stay small.
  public var selectors: [String]
  /// The first instant.
  public var start: TimeExpression
  /// The last instant that is a whole number of steps after `start`.
  public var end: TimeExpression
  /// Time between samples.
  public var step: TimeSpan
  /// The most samples of a series in one answer.
  public var points = 2000

  /// Makes a request.
  public init(
    connection: ServerConnection, queries: [String], selectors: [String] = [],
    start: TimeExpression, end: TimeExpression, step: TimeSpan
  ) {
    (self.connection, self.queries, self.selectors) = (connection, queries, selectors)
    (self.start, self.end, self.step) = (start, end, step)
  }

  func validate() throws(ExportError) {
    guard !queries.isEmpty || !selectors.isEmpty else {
      throw .invalidRequest(reason: "nothing to export; give --query or --match")
    }
    for selector in selectors where !isSelector(selector) {
      throw .invalidRequest(
        reason: "--match '\(selector)' is no series selector such as {job=\"node\"}; "
          + "expressions go to --query")
    }
    guard step > .zero else { throw .invalidRequest(reason: "--step must be positive") }
    guard (1...Self.mostPoints).contains(points) else {
      throw .invalidRequest(
        reason: "--points must be from 1 to \(Self.mostPoints), not \(points)")
    }
  }

  /// What tells this export from others.
  var identity: [String: JSONValue] {
    [
      "source": "prometheus", "url": .string(connection.address.text),
      "query": .array(queries.map(JSONValue.string)),
      "match": .array(selectors.map(JSONValue.string)), "start": .string(start.description),
      "end": .string(end.description), "step": .string(step.description),
      "points": .integer(points),
      "tenant": connection.credentials.tenant.map(JSONValue.string) ?? .null,
    ]
  }

  /// Windows of at most `points` steps each, none sharing an instant with the next; both ends are
  /// asked for.
  func items(of resolved: ResolvedRequest) -> [ExportItem] {
    let length = step * (points - 1)
    return resolved.queries.indices.flatMap { query in
      sequence(state: resolved.start) { (start: inout Timestamp) -> ExportItem? in
        guard start <= resolved.end else { return nil }
        let end = min(start + length, lastStep(from: start, to: resolved.end))
        defer { start = end + step }
        return ExportItem(query: query, start: start, end: end)
      }
    }
  }

  /// Divides a window between two of its steps; nil for a single instant.
  func halves(of item: ExportItem) -> (ExportItem, ExportItem)? {
    let steps = (item.end - item.start).milliseconds / step.milliseconds
    guard steps > 0 else { return nil }
    let middle = item.start + step * Int(steps / 2)
    return (
      ExportItem(query: item.query, start: item.start, end: middle),
      ExportItem(query: item.query, start: middle + step, end: item.end)
    )
  }

  private func lastStep(from start: Timestamp, to end: Timestamp) -> Timestamp {
    start + step * Int((end - start).milliseconds / step.milliseconds)
  }
}

/// Whether a text looks like `name`, `name{…}` or `{…}`.
package func isSelector(_ text: String) -> Bool {
  let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
  let rest = text.dropFirst(name.count)
  if rest.isEmpty { return !name.isEmpty }
  return rest.hasPrefix("{") && rest.hasSuffix("}") && rest.count > 2
}

/// A selector narrowed to one metric; one that names its metric already stays as it is.
package func narrowed(_ selector: String, to metric: String) -> String {
  guard selector.hasPrefix("{") else { return selector }
  var inner = selector.dropFirst().dropLast()
  while let last = inner.last, last == "," || last.isWhitespace { inner = inner.dropLast() }
  let quoted = metric.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  return "{\(inner),__name__=\"\(quoted)\"}"
}
