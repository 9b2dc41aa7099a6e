internal import Storage
internal import Telemetry

/// A reader of one kind of source.
protocol SourceReader {
  /// Reads the source from beginning to end.
  func read(into collector: inout TelemetryCollector) throws
}

/// The content of a file that is being read.
struct SourceText {
  /// The path, for errors.
  var path: String
  /// The file's name, for the report.
  var name: String
  /// The content, decompressed.
  var bytes: [UInt8]
}

/// Everything that readers have found so far.
struct TelemetryCollector {
  var series: SeriesCollector
  var logs: LogCollector
  var report = IngestReport()
  private(set) var sources: [SourceRecord] = []
  private(set) var incidents: [Incident] = []
  private(set) var publishedTestStart: Timestamp?
  private var incidentPlaces: [String: String] = [:]
  private var bytesLeft: Int
  private let progress: (String) -> Void

  init(_ configuration: IngestConfiguration, progress: @escaping (String) -> Void) {
    series = SeriesCollector(limit: configuration.limits.series)
    logs = LogCollector(
      patternLimit: configuration.limits.patternsPerService,
      naming: ServiceNaming(labels: configuration.serviceLabels))
    bytesLeft = configuration.limits.inputBytes
    self.progress = progress
  }

  /// Reads a file, counts its bytes against the limit and records it as a source.
  mutating func open(_ path: String, type: String) throws -> SourceText {
    let name = String(path.split(separator: "/").last ?? "")
    progress(name)
    let file = try FileSystem.readPossiblyCompressed(at: path, limit: bytesLeft)
    bytesLeft -= file.bytes.count
    series.beginFile()
    sources.append(
      SourceRecord(type: type, name: name, sha256: file.sha256, bytes: file.sizeOnDisk))
    return SourceText(path: path, name: name, bytes: file.bytes)
  }

  /// The path itself, or the files in it in the order of their names if it is a folder.
  func files(at path: String) throws -> [String] {
    guard FileSystem.item(at: path) == .folder else { return [path] }
    return try FileSystem.contents(of: path).filter { !$0.hasPrefix(".") }.map { "\(path)/\($0)" }
      .filter { FileSystem.item(at: $0) != .folder }
  }

  /// Adds an incident read at a place.
  mutating func add(_ incident: Incident, place: String) throws(IngestError) {
    if let first = incidentPlaces.updateValue(place, forKey: incident.id) {
      throw .duplicateIncident(id: incident.id, place: place, first: first)
    }
    incidents.append(incident)
  }

  /// Notes where a published dataset's test part begins.
  mutating func setTestStart(_ time: Timestamp, path: String) throws(IngestError) {
    guard publishedTestStart == nil || publishedTestStart == time else {
      throw .conflictingTestStart(path: path)
    }
    publishedTestStart = time
  }
}
