public import Telemetry

/// How two datasets differ. `added` is what only the second has, `removed` what only the first has.
public struct DatasetDifference: Hashable, Sendable {
  /// Names that only one of two lists has.
  public struct Names: Hashable, Sendable {
    /// In the second alone, ascending.
    public var added: [String]
    /// In the first alone, ascending.
    public var removed: [String]

    /// Whether there are none.
    public var isEmpty: Bool { added.isEmpty && removed.isEmpty }

    init(_ first: some Sequence<String>, _ second: some Sequence<String>) {
      let (a, b) = (Set(first), Set(second))
      (added, removed) = (b.subtracting(a).sorted(), a.subtracting(b).sorted())
    }
  }

  /// How a service that both have differs.
  public struct Service: Hashable, Sendable {
    /// The service's name.
    public var name: String
    /// Columns by name.
    public var columns: Names
    /// Columns whose kind or labels differ.
    public var redescribed: [String]
    /// Cells of common columns and instants with different values.
    public var differentCells: Int
    /// Cells of common columns and instants.
    public var commonCells: Int
    /// The first instant with a different value.
    public var firstDifference: Timestamp?
    /// Whether the logs differ.
    public var logsDiffer: Bool

    /// Whether nothing differs.
    public var isEmpty: Bool {
      columns.isEmpty && redescribed.isEmpty && differentCells == 0 && !logsDiffer
    }
  }

  /// The first dataset's time axis.
  public var firstGrid: TimeGrid
  /// The second dataset's time axis.
  public var secondGrid: TimeGrid
  /// Cells whose instants both grids have.
  public var commonInstants: Int
  /// Sources, each as `name sha256`.
  public var sources: Names
  /// Services by name.
  public var services: Names
  /// Services that both have and that differ, ascending.
  public var changedServices: [Service]
  /// Incidents by id.
  public var incidents: Names
  /// Ids of incidents that both have, with other times, services, kinds or roles.
  public var changedIncidents: [String]
  /// Whether the reports of reading differ.
  public var reportsDiffer: Bool
  /// Whether the published test parts begin at different instants.
  public var testStartsDiffer: Bool

  /// Whether the datasets say the same.
  public var isEmpty: Bool {
    firstGrid == secondGrid && sources.isEmpty && services.isEmpty && changedServices.isEmpty
      && incidents.isEmpty && changedIncidents.isEmpty && !reportsDiffer && !testStartsDiffer
  }

  /// Compares two datasets, cells by their instants.
  public init(_ first: Dataset, _ second: Dataset) {
    (firstGrid, secondGrid) = (first.grid, second.grid)
    let rows = commonRows(first.grid, second.grid)
    commonInstants = rows.count
    sources = Names(
      first.sources.map { "\($0.name) \($0.sha256)" },
      second.sources.map { "\($0.name) \($0.sha256)" })
    services = Names(first.services.map(\.service), second.services.map(\.service))
    let others = Dictionary(uniqueKeysWithValues: second.services.map { ($0.service, $0) })
    changedServices = first.services.compactMap { frame in
      guard let other = others[frame.service] else { return nil }
      let service = Service(frame, other, rows: rows, grid: first.grid)
      return service.isEmpty ? nil : service
    }
    incidents = Names(first.incidents.map(\.id), second.incidents.map(\.id))
    let known = Dictionary(second.incidents.map { ($0.id, $0) }) { first, _ in first }
    changedIncidents = first.incidents.filter { incident in
      known[incident.id].map { $0 != incident } ?? false
    }.map(\.id)
    reportsDiffer = first.report != second.report
    testStartsDiffer = first.publishedTestStart != second.publishedTestStart
  }
}

/// Rows of two grids with the same instants.
private func commonRows(_ first: TimeGrid, _ second: TimeGrid) -> [(first: Int, second: Int)] {
  (0..<first.count).compactMap { row in
    let time = first.timestamp(at: row)
    let other = second.index(covering: time)
    guard 0..<second.count ~= other, second.timestamp(at: other) == time else { return nil }
    return (row, other)
  }
}

extension DatasetDifference.Service {
  fileprivate init(
    _ first: ServiceFrame, _ second: ServiceFrame, rows: [(first: Int, second: Int)],
    grid: TimeGrid
  ) {
    name = first.service
    columns = DatasetDifference.Names(first.columns.map(\.name), second.columns.map(\.name))
    let indices = Dictionary(
      uniqueKeysWithValues: second.columns.enumerated().map { ($1.name, $0) })
    (redescribed, differentCells, commonCells, firstDifference) = ([], 0, 0, nil)
    for (column, description) in first.columns.enumerated() {
      guard let other = indices[description.name] else { continue }
      if second.columns[other] != description { redescribed.append(description.name) }
      commonCells += rows.count
      for row in rows {
        let a = first.values[row.first * first.columns.count + column]
        let b = second.values[row.second * second.columns.count + other]
        guard a != b, !(a.isNaN && b.isNaN) else { continue }
        differentCells += 1
        let time = grid.timestamp(at: row.first)
        firstDifference = min(firstDifference ?? time, time)
      }
    }
    logsDiffer = first.logs != second.logs
  }
}
