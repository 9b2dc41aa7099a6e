internal import Ingest
internal import Synchronization
internal import Telemetry

/// Tells which series a model wants, and remembers it.
final class SeriesRouter: Sendable {
  private let placement: SeriesPlacement
  private let columns: [String: Set<String>]
  private let readers: Set<String>
  private let known = Mutex<[[String: String]: Bool]>([:])
  private let memoryLimit: Int
  /// Metrics whose series may have a part in a column, ascending.
  let metrics: [String]

  init(_ schema: LiveSchema, limits: LiveLimits) {
    placement = SeriesPlacement(serviceLabels: schema.serviceLabels, kinds: schema.kinds)
    columns = Dictionary(
      schema.services.map { ($0.name, Set($0.columns)) }, uniquingKeysWith: { $0.union($1) })
    readers = Set(schema.services.filter(\.readsLogs).map(\.name))
    memoryLimit = 2 * limits.series
    metrics = Set(
      schema.services.flatMap(\.columns).flatMap { SeriesPlacement.metrics(ofColumn: $0) }
    ).sorted()
  }

  /// Whether a series may have a part in a column of the model.
  func wants(_ labels: [String: String]) -> Bool {
    if let answer = known.withLock({ $0[labels] }) { return answer }
    let service = placement.service(of: labels)
    let answer =
      columns[service].map { columns in
        placement.columns(of: labels, in: service).contains(where: columns.contains)
      } ?? false
    known.withLock { known in
      // A label explosion makes it begin anew, not grow.
      if known.count >= memoryLimit { known.removeAll(keepingCapacity: true) }
      known[labels] = answer
    }
    return answer
  }

  /// Whether the model reads the lines of a log stream.
  func wantsLog(_ labels: [String: String]) -> Bool {
    readers.contains(placement.service(of: labels))
  }
}
