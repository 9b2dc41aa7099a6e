internal import Storage
internal import Telemetry

/// Writes a dataset into an HDF5 file part by part and computes its digest on the way.
///
/// Holds one column at a time, and what HDF5 buffers: a megabyte of values and at most 32 of what
/// says where they are.
final class SnapshotStream: DatasetSink {
  private let path: String
  private let content: DatasetFile.Content
  private let disk: DiskFailure?
  private var writer: SnapshotWriter?
  private var digest = ContentDigest()
  private var rows = 0
  private var services = 0
  /// Whether any service's logs say what follows what.
  private var hasOrder = false
  /// Where the service begun last is, and which of its columns is next.
  private var place = ""
  private var column = 0

  /// Begins a file in memory; `finish` returns its bytes.
  ///
  /// - Parameter path: Where it will go, for errors.
  init(for path: String, content: DatasetFile.Content) throws(DatasetStoreError) {
    (self.path, self.content, disk) = (path, content, nil)
    try withHDF5 { () throws(DatasetStoreError) in writer = try SnapshotWriter(for: path) }
  }

  /// Begins a file on a disk. What is at the path is replaced.
  init(creating path: String) throws(DatasetStoreError) {
    let disk = DiskFailure(path: path)
    (self.path, content, self.disk) = (path, .telemetry, disk)
    do throws(DatasetStoreError) {
      try withHDF5 { () throws(DatasetStoreError) in
        writer = try SnapshotWriter(creating: path, reportingTo: disk)
      }
    } catch {
      // What the system says is plainer than what HDF5 makes of it.
      try disk.check()
      throw error
    }
  }

  deinit {
    guard writer != nil else { return }
    // Nobody is told of a file that is given up.
    try? withHDF5 { writer = nil }
  }

  /// Lends the writer to `body`, and reports what the disk refused meanwhile.
  private func write(
    _ body: (inout SnapshotWriter) throws(DatasetStoreError) -> Void
  ) throws(DatasetStoreError) {
    do throws(DatasetStoreError) {
      try withHDF5 { () throws(DatasetStoreError) in
        guard var writer = writer.take() else { preconditionFailure("\(path) is closed") }
        do throws(DatasetStoreError) {
          try body(&writer)
        } catch {
          self.writer = consume writer
          throw error
        }
        self.writer = consume writer
      }
    } catch {
      try disk?.check()
      throw error
    }
    try disk?.check()
  }

  func begin(_ grid: TimeGrid) throws(DatasetStoreError) {
    rows = grid.count
    digest.begin(grid)
    try write { (writer) throws(DatasetStoreError) in
      try writer.attribute("format", of: "/", content.rawValue)
      try writer.attribute("first_ms", of: "/", grid.first.milliseconds)
      try writer.attribute("interval_ms", of: "/", grid.interval.milliseconds)
      try writer.integers("/time", (0..<grid.count).map { grid.timestamp(at: $0).milliseconds })
      try writer.attribute("unit", of: "/time", "milliseconds since 1970-01-01T00:00:00Z")
      try writer.group("/services")
    }
  }

  func beginService(_ service: String, columns: [MetricColumn]) throws(DatasetStoreError) {
    place = DatasetFile.place(ofService: services)
    (services, column) = (services + 1, 0)
    digest.beginService(service, columns: columns)
    try write { (writer) throws(DatasetStoreError) in
      try writer.group(place)
      try writer.attribute("service", of: place, service)
      try writer.texts("\(place)/columns", columns.map(\.name))
      try writer.texts("\(place)/kinds", columns.map(\.kind.rawValue))
      try writer.texts("\(place)/labels", columns.map { $0.labels.json.text() })
      try writer.beginMatrix("\(place)/metrics", rows: rows, columns: columns.count)
    }
  }

  func addColumn(_ values: [Double]) throws(DatasetStoreError) {
    digest.addColumn(values)
    try write { (writer) throws(DatasetStoreError) in
      try writer.column(column, values, of: "\(place)/metrics")
    }
    column += 1
  }

  func endService(logs: LogActivity?) throws(DatasetStoreError) {
    digest.endService(logs: logs)
    try write { (writer) throws(DatasetStoreError) in
      writer.endMatrix()
      if let logs { try write(logs, at: "\(place)/logs", with: writer) }
      if let transitions = logs?.transitions {
        hasOrder = true
        try write(transitions, of: logs?.patterns.count ?? 0, with: writer)
      }
    }
  }

  /// Writes what is not telemetry and closes the file.
  ///
  /// - Returns: The content digest; for a file in memory its bytes.
  func finish(
    _ outline: DatasetOutline
  ) throws(DatasetStoreError) -> (digest: String, image: [UInt8]) {
    let digest = self.digest.finish(outline)
    try write { (writer) throws(DatasetStoreError) in
      try write(outline.incidents, with: writer)
      try writer.text("/report", outline.report.json.text())
      try writer.text("/sources", JSONValue.array(outline.sources.map(\.json)).text())
      if let lineage = outline.lineage { try writer.text("/lineage", lineage.json.text()) }
      try writer.attribute(
        "schema_version", of: "/",
        hasOrder ? DatasetFile.schemaVersion : DatasetFile.versionWithoutOrder)
      try writer.attribute("content_digest", of: "/", digest)
      if let start = outline.publishedTestStart {
        try writer.attribute("published_test_start_ms", of: "/", start.milliseconds)
      }
    }
    let image = try withHDF5 { () throws(DatasetStoreError) in
      guard let writer = writer.take() else { preconditionFailure("\(path) is closed") }
      return try disk == nil ? writer.image() : writer.close()
    }
    try disk?.check()
    return (digest, image)
  }

  private func write(
    _ logs: LogActivity, at place: String, with writer: borrowing SnapshotWriter
  ) throws(DatasetStoreError) {
    precondition(logs.recorded.count == rows, "\(logs.recorded.count) flags for \(rows) rows")
    for count in logs.counts {
      precondition(
        0..<rows ~= count.row && logs.patterns.indices ~= count.pattern && count.lines > 0,
        "\(count) in \(rows) rows and \(logs.patterns.count) patterns")
    }
    try writer.group(place)
    try writer.texts("\(place)/patterns", logs.patterns.map(\.text))
    try writer.bytes("\(place)/levels", logs.patterns.map { UInt8($0.level.rawValue) })
    try writer.integers("\(place)/row", logs.counts.map { Int64($0.row) })
    try writer.integers("\(place)/pattern", logs.counts.map { Int64($0.pattern) })
    try writer.integers("\(place)/lines", logs.counts.map { Int64($0.lines) })
    try writer.bytes("\(place)/recorded", logs.recorded.map { $0 ? 1 : 0 })
  }

  private func write(
    _ transitions: [LogActivity.Transition], of patterns: Int, with writer: borrowing SnapshotWriter
  ) throws(DatasetStoreError) {
    for transition in transitions {
      precondition(
        0..<rows ~= transition.row && 0..<patterns ~= transition.from
          && 0..<patterns ~= transition.to && transition.lines > 0,
        "\(transition) in \(rows) rows and \(patterns) patterns")
    }
    let place = "\(place)/logs/transitions"
    try writer.group(place)
    try writer.integers("\(place)/row", transitions.map { Int64($0.row) })
    try writer.integers("\(place)/from", transitions.map { Int64($0.from) })
    try writer.integers("\(place)/to", transitions.map { Int64($0.to) })
    try writer.integers("\(place)/lines", transitions.map { Int64($0.lines) })
  }

  private func write(
    _ incidents: [Incident], with writer: borrowing SnapshotWriter
  ) throws(DatasetStoreError) {
    for incident in incidents where incident.service == "" {
      throw .unstorable(
        place: "incident '\(incident.id)'", reason: "its service is named by an empty text")
    }
    try writer.group("/incidents")
    try writer.texts("/incidents/id", incidents.map(\.id))
    try writer.texts("/incidents/service", incidents.map { $0.service ?? "" })
    try writer.texts("/incidents/kind", incidents.map(\.kind))
    try writer.integers("/incidents/start_ms", incidents.map(\.start.milliseconds))
    try writer.integers(
      "/incidents/detected_ms",
      incidents.map { $0.detected?.milliseconds ?? DatasetFile.unknownTime })
    try writer.integers("/incidents/resolved_ms", incidents.map(\.resolved.milliseconds))
    try writer.texts("/incidents/role", incidents.map(\.role.rawValue))
  }
}
