internal import Storage
internal import Telemetry

extension DatasetFile {
  /// Writes a dataset whose digest is known.
  static func write(
    _ dataset: Dataset, digest: String, to path: String, content: Content
  ) throws(DatasetStoreError) {
    let image = try withHDF5 { () throws(DatasetStoreError) in
      let writer = try SnapshotWriter(for: path)
      try write(dataset, digest: digest, content: content, with: writer)
      return try writer.image()
    }
    do throws(StorageError) {
      try FileSystem.writeFileAtomically(image, to: path)
    } catch {
      throw .storage(error)
    }
  }

  private static func write(
    _ dataset: Dataset, digest: String, content: Content, with writer: borrowing SnapshotWriter
  ) throws(DatasetStoreError) {
    let grid = dataset.grid
    try writer.attribute("format", of: "/", content.rawValue)
    try writer.attribute("schema_version", of: "/", schemaVersion)
    try writer.attribute("content_digest", of: "/", digest)
    try writer.attribute("first_ms", of: "/", grid.first.milliseconds)
    try writer.attribute("interval_ms", of: "/", grid.interval.milliseconds)
    if let start = dataset.publishedTestStart {
      try writer.attribute("published_test_start_ms", of: "/", start.milliseconds)
    }
    try writer.integers("/time", (0..<grid.count).map { grid.timestamp(at: $0).milliseconds })
    try writer.attribute("unit", of: "/time", "milliseconds since 1970-01-01T00:00:00Z")
    try writer.group("/services")
    for (index, frame) in dataset.services.enumerated() {
      try write(frame, at: place(ofService: index), rows: grid.count, with: writer)
    }
    try write(dataset.incidents, with: writer)
    try writer.text("/report", dataset.report.json.text())
    try writer.text("/sources", JSONValue.array(dataset.sources.map(\.json)).text())
    if let lineage = dataset.lineage { try writer.text("/lineage", lineage.json.text()) }
  }

  private static func write(
    _ frame: ServiceFrame, at place: String, rows: Int, with writer: borrowing SnapshotWriter
  ) throws(DatasetStoreError) {
    let columns = frame.columns
    precondition(
      frame.values.count == rows * columns.count,
      "service \(frame.service) has \(frame.values.count) values for \(rows) × \(columns.count)")
    try writer.group(place)
    try writer.attribute("service", of: place, frame.service)
    try writer.numbers(
      "\(place)/metrics", .float64, frame.values, shape: [rows, columns.count],
      chunk: [min(rows, 4096), 1])
    try writer.texts("\(place)/columns", columns.map(\.name))
    try writer.texts("\(place)/kinds", columns.map(\.kind.rawValue))
    try writer.texts("\(place)/labels", columns.map { $0.labels.json.text() })
    if let logs = frame.logs {
      try write(logs, at: "\(place)/logs", rows: rows, with: writer)
    }
  }

  private static func write(
    _ logs: LogActivity, at place: String, rows: Int, with writer: borrowing SnapshotWriter
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

  private static func write(
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
      "/incidents/detected_ms", incidents.map { $0.detected?.milliseconds ?? unknownTime })
    try writer.integers("/incidents/resolved_ms", incidents.map(\.resolved.milliseconds))
    try writer.texts("/incidents/role", incidents.map(\.role.rawValue))
  }
}
