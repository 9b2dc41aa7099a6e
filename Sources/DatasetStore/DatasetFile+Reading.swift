internal import Storage
public import Telemetry

extension DatasetFile {
  /// The most services, and columns of one service, that a file may claim.
  private static let widthLimit = 100_000

  /// Reads a dataset and checks its digest.
  ///
  /// - Parameter expected: The content digest that the file must have, if known.
  /// - Throws: `DatasetStoreError.notHDF5`, `.malformed`, `.holdsFeatures`, `.unsupportedVersion`,
  ///   `.damaged`, `.digestMismatch`, or `.storage` when there is no such file.
  public static func read(
    _ path: String, expecting expected: String? = nil
  ) throws(DatasetStoreError) -> Dataset {
    var builder = DatasetBuilder()
    let (outline, digest) = try withHDF5 { () throws(DatasetStoreError) in
      try read(path, expecting: expected, into: &builder)
    }
    let dataset = builder.dataset(outline)
    let found = dataset.contentDigest
    guard found == digest else {
      throw .digestMismatch(path: path, expected: digest, found: found)
    }
    return dataset
  }

  /// Whether a file can be read and has a digest, found out in the memory of one column.
  static func isIntact(_ path: String, _ expected: String) -> Bool {
    do throws(DatasetStoreError) {
      try verify(path, expected)
      return true
    } catch {
      return false
    }
  }

  /// Makes sure that a file can be read and has a digest, in the memory of one column.
  ///
  /// - Throws: As `read(_:expecting:)`.
  static func verify(_ path: String, _ expected: String) throws(DatasetStoreError) {
    var digest = ContentDigest()
    let outline = try withHDF5 { () throws(DatasetStoreError) in
      try read(path, expecting: expected, into: &digest).outline
    }
    let found = digest.finish(outline)
    guard found == expected else {
      throw .digestMismatch(path: path, expected: expected, found: found)
    }
  }

  /// Hands what a file says to a sink that does not fail; returns the rest and the digest that the
  /// content should have.
  private static func read(
    _ path: String, expecting expected: String?, into sink: inout some DatasetSink
  ) throws(DatasetStoreError) -> (outline: DatasetOutline, digest: String) {
    let reader = try SnapshotReader(openingAt: path)
    try check(reader)
    let digest = try reader.text(attribute: "content_digest", of: "/")
    guard expected == nil || expected == digest else {
      throw .digestMismatch(path: path, expected: expected ?? "", found: digest)
    }

    let grid = try grid(reader)
    let serviceCount = try reader.memberCount("/services")
    guard serviceCount <= widthLimit else {
      throw reader.malformed("/services", "claims \(serviceCount) services")
    }
    handing { try sink.begin(grid) }
    var services: [String] = []
    for index in 0..<serviceCount {
      services.append(
        try frame(reader, place(ofService: index), rows: grid.count, into: &sink))
    }
    let sources = try decode("/sources", reader) {
      try $0.elements.map { try SourceRecord($0) }
    }
    var published: Timestamp?
    if try reader.has(attribute: "published_test_start_ms", of: "/") {
      published = Timestamp(
        milliseconds: try reader.integer(attribute: "published_test_start_ms", of: "/"))
    }
    let outline = DatasetOutline(
      grid: grid, services: services, incidents: try incidents(reader), sources: sources,
      report: try decode("/report", reader) { try IngestReport($0) },
      publishedTestStart: published, lineage: try lineage(reader))
    return (outline, digest)
  }

  /// Calls a sink that does not fail.
  private static func handing(_ body: () throws -> Void) {
    do { try body() } catch { preconditionFailure("the sink failed: \(error)") }
  }

  /// Makes sure that a file is a snapshot of telemetry that this program reads.
  static func check(_ reader: borrowing SnapshotReader) throws(DatasetStoreError) {
    switch Content(rawValue: try reader.text(attribute: "format", of: "/")) {
    case .telemetry: break
    case .features: throw .holdsFeatures(path: reader.path)
    case nil:
      throw reader.malformed("/", "attribute 'format' is not '\(Content.telemetry.rawValue)'")
    }
    let version = try reader.integer(attribute: "schema_version", of: "/")
    guard versionWithoutOrder...schemaVersion ~= version else {
      throw .unsupportedVersion(path: reader.path, found: version)
    }
  }

  static func grid(
    _ reader: borrowing SnapshotReader
  ) throws(DatasetStoreError) -> TimeGrid {
    let first = try reader.integer(attribute: "first_ms", of: "/")
    let interval = try reader.integer(attribute: "interval_ms", of: "/")
    guard interval > 0 else { throw reader.malformed("/", "interval of \(interval) ms") }
    let time = try reader.integers("/time")
    var (expected, overflow) = (first, false)
    for (index, instant) in time.enumerated() {
      guard instant == expected, !overflow else {
        throw reader.malformed("/time", "cell \(index) is off the grid of \(interval) ms")
      }
      (expected, overflow) = expected.addingReportingOverflow(interval)
    }
    return TimeGrid(
      first: Timestamp(milliseconds: first), interval: TimeSpan(milliseconds: interval),
      count: time.count)
  }

  private static func frame(
    _ reader: borrowing SnapshotReader, _ place: String, rows: Int,
    into sink: inout some DatasetSink
  ) throws(DatasetStoreError) -> String {
    try reader.require(place)
    let names = try reader.texts("\(place)/columns")
    guard names.count <= widthLimit else {
      throw reader.malformed(place, "claims \(names.count) columns")
    }
    let kinds = try reader.texts("\(place)/kinds", count: names.count)
    let labels = try reader.texts("\(place)/labels", count: names.count)
    var columns: [MetricColumn] = []
    for (index, name) in names.enumerated() {
      guard let kind = MetricKind(rawValue: kinds[index]) else {
        throw reader.malformed("\(place)/kinds", "unknown kind '\(kinds[index])'")
      }
      let labels = try decode(labels[index], at: "\(place)/labels", reader) {
        try [String: String]($0)
      }
      columns.append(MetricColumn(name: name, kind: kind, labels: labels))
    }
    let service = try reader.text(attribute: "service", of: place)
    let matrix = try reader.matrix("\(place)/metrics", rows: rows, columns: columns.count)
    handing { try sink.beginService(service, columns: columns) }
    for index in columns.indices {
      let values = try reader.column(index, of: matrix, at: "\(place)/metrics")
      handing { try sink.addColumn(values) }
    }
    let logs = try reader.has("\(place)/logs") ? logs(reader, "\(place)/logs", rows: rows) : nil
    handing { try sink.endService(logs: logs) }
    return service
  }

  private static func incidents(
    _ reader: borrowing SnapshotReader
  ) throws(DatasetStoreError) -> [Incident] {
    try reader.require("/incidents")
    let ids = try reader.texts("/incidents/id")
    let services = try reader.texts("/incidents/service", count: ids.count)
    let kinds = try reader.texts("/incidents/kind", count: ids.count)
    let starts = try reader.integers("/incidents/start_ms", count: ids.count)
    let detected = try reader.integers("/incidents/detected_ms", count: ids.count)
    let resolved = try reader.integers("/incidents/resolved_ms", count: ids.count)
    let roles = try reader.texts("/incidents/role", count: ids.count)
    var incidents: [Incident] = []
    for (index, id) in ids.enumerated() {
      guard let role = Incident.Role(rawValue: roles[index]), starts[index] < resolved[index] else {
        throw reader.malformed("/incidents", "'\(id)' has a wrong role or ends before it starts")
      }
      let noticed = detected[index]
      incidents.append(
        Incident(
          id: id, service: services[index].isEmpty ? nil : services[index], kind: kinds[index],
          start: Timestamp(milliseconds: starts[index]),
          detected: noticed == unknownTime ? nil : Timestamp(milliseconds: noticed),
          resolved: Timestamp(milliseconds: resolved[index]), role: role))
    }
    return incidents
  }

  static func decode<Value>(
    _ place: String, _ reader: borrowing SnapshotReader, _ body: (JSONDocument) throws -> Value
  ) throws(DatasetStoreError) -> Value {
    try decode(reader.text(place), at: place, reader, body)
  }

  /// Decodes JSON that a place holds.
  private static func decode<Value>(
    _ text: String, at place: String, _ reader: borrowing SnapshotReader,
    _ body: (JSONDocument) throws -> Value
  ) throws(DatasetStoreError) -> Value {
    do {
      let value = try JSONValue(parsing: Array(text.utf8), source: "JSON")
      return try body(JSONDocument(value, source: "JSON"))
    } catch {
      throw reader.malformed(place, "\(error)")
    }
  }
}
