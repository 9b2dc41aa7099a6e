internal import Storage
public import Telemetry

/// Takes a dataset part by part and writes it as a snapshot of a store.
///
/// The store is locked from the first part on, so that reading the sources holds nobody up.
public struct SnapshotSink: DatasetSink {
  private let root: String
  /// The locked store and the file, once there is a grid.
  private(set) var target: (area: StagingArea, stream: SnapshotStream)?

  init(root: String) { self.root = root }

  private var stream: SnapshotStream {
    guard let target else { preconditionFailure("a service came before the grid") }
    return target.stream
  }

  /// Waits for others who are saving, and begins a file.
  ///
  /// - Throws: `DatasetStoreError.storage` or `.cannotWrite`.
  public mutating func begin(_ grid: TimeGrid) throws {
    precondition(target == nil, "a dataset has one grid")
    let root = root
    let area = try storage { () throws(StorageError) in try StagingArea(root: root, wait: true) }
    let path = try storage { () throws(StorageError) in try area.path(for: DatasetStore.staged) }
    let stream = try SnapshotStream(creating: path)
    target = (area, stream)
    try stream.begin(grid)
  }

  /// Writes a service's name and the descriptions of its columns.
  ///
  /// - Throws: `DatasetStoreError.storage`, `.unstorable` or `.cannotWrite`.
  public mutating func beginService(_ service: String, columns: [MetricColumn]) throws {
    try stream.beginService(service, columns: columns)
  }

  /// Writes a column, [rows].
  ///
  /// - Throws: `DatasetStoreError.storage` or `.cannotWrite`.
  /// - Precondition: The number of values is that of the grid's cells.
  public mutating func addColumn(_ values: [Double]) throws { try stream.addColumn(values) }

  /// Writes a service's logs.
  ///
  /// - Throws: `DatasetStoreError.storage`, `.unstorable` or `.cannotWrite`.
  public mutating func endService(logs: LogActivity?) throws { try stream.endService(logs: logs) }
}
