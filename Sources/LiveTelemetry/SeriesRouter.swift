internal import Ingest
internal import Synchronization
internal import Telemetry

/// Tells which series a model wants, and remembers it.
///
/// Most series of a system are of metrics that the model does not know: those are told by their name,
/// and not remembered.
package final class SeriesRouter: Sendable {
  private let placement: SeriesPlacement
  private let columns: [String: Set<String>]
  private let readers: Set<String>
  private let known = Mutex<(wanted: Set<[String: String]>, others: Set<[String: String]>)>(
    ([], []))
  private let wantedLimit: Int
  /// Of series of the model's metrics that are none of the model's.
  private static let othersLimit = 10_000
  private let names: Set<String>
  /// Metrics whose series may have a part in a column, ascending.
  let metrics: [String]

  package init(_ schema: LiveSchema, limits: LiveLimits) {
    placement = SeriesPlacement(serviceLabels: schema.serviceLabels, kinds: schema.kinds)
    columns = Dictionary(
      schema.services.map { ($0.name, Set($0.columns)) }, uniquingKeysWith: { $0.union($1) })
    readers = Set(schema.services.filter(\.readsLogs).map(\.name))
    wantedLimit = limits.series
    names = Set(
      schema.services.flatMap(\.columns).flatMap { SeriesPlacement.metrics(ofColumn: $0) })
    metrics = names.sorted()
  }

  /// Label sets that are remembered.
  package var remembered: Int { known.withLock { $0.wanted.count + $0.others.count } }

  /// Whether a series may have a part in a column of the model.
  package func wants(_ labels: [String: String]) -> Bool {
    if let name = labels["__name__"], !names.contains(name) { return false }
    let memory = known.withLock { known -> Bool? in
      if known.wanted.contains(labels) { return true }
      return known.others.contains(labels) ? false : nil
    }
    if let memory { return memory }
    let service = placement.service(of: labels)
    let answer =
      columns[service].map { columns in
        placement.columns(of: labels, in: service).contains(where: columns.contains)
      } ?? false
    known.withLock { known in
      // A label explosion makes it begin anew, not grow.
      if answer {
        if known.wanted.count >= wantedLimit { known.wanted.removeAll() }
        known.wanted.insert(labels)
      } else {
        if known.others.count >= Self.othersLimit { known.others.removeAll() }
        known.others.insert(labels)
      }
    }
    return answer
  }

  /// Whether the model reads the lines of a log stream.
  func wantsLog(_ labels: [String: String]) -> Bool {
    readers.contains(placement.service(of: labels))
  }
}
