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
  private var firstSkips: [String: String] = [:]
  private var bytesLeft: Int
  private let progress: (String) -> Void

  init(_ configuration: IngestConfiguration, progress: @escaping (String) -> Void) {
    let bounds = InstantBounds(configuration.limits)
    series = SeriesCollector(limit: configuration.limits.series, bounds: bounds)
    logs = LogCollector(
      patternLimit: configuration.limits.patternsPerService, bounds: bounds,
      naming: ServiceNaming(labels: configuration.serviceLabels), rules: configuration.logMasks)
    bytesLeft = configuration.limits.inputBytes
    self.progress = progress
  }

  /// Reads a file, counts its bytes against the limit and records it as a source.
  mutating func open(_ path: String, type: String) throws -> SourceText {
    let name = String(path.split(separator: "/").last ?? "")
    progress(name)
    let file = try FileSystem.readPossiblyCompressed(at: path, limit: bytesLeft)
    bytesLeft -= file.bytes.count
    series.beginFile(path)
    logs.beginFile(path)
    sources.append(
      SourceRecord(type: type, name: name, sha256: file.sha256, bytes: file.sizeOnDisk))
    return SourceText(path: path, name: name, bytes: file.bytes)
  }

  /// The path itself, or the files in it in the order of their names if it is a folder.
  ///
  /// - Parameter endings: What a file's name in a folder must end in; empty for all files.
  func files(at path: String, endings: [String] = []) throws -> [String] {
    guard FileSystem.item(at: path) == .folder else { return [path] }
    let files = try FileSystem.contents(of: path)
      .filter { name in !name.hasPrefix(".") }
      .filter { name in endings.isEmpty || endings.contains(where: name.hasSuffix) }
      .map { "\(path)/\($0)" }
      .filter { FileSystem.item(at: $0) != .folder }
    guard !files.isEmpty else { throw IngestError.emptyFolder(path: path, endings: endings) }
    return files
  }

  /// Counts an item that was left out or changed, by file.
  ///
  /// - Parameters:
  ///   - line: The item's line, from 1.
  ///   - detail: What is wrong with it, foreign text in it quoted.
  mutating func note(
    _ reason: String, _ effect: IngestReport.Effect, in file: SourceText, line: Int,
    detail: @autoclosure () -> String, count: Int = 1
  ) {
    note(
      reason, effect, in: file.name, file: file, line: line, detail: detail(),
      place: "line \(line)", count: count)
  }

  /// Counts an item that was left out or changed, under the name of a source of many files.
  ///
  /// - Parameter place: Where the item is within the source, in the report's words.
  mutating func note(
    _ reason: String, _ effect: IngestReport.Effect, in source: String, file: SourceText,
    line: Int, detail: @autoclosure () -> String, place: @autoclosure () -> String, count: Int = 1
  ) {
    let described = { (place: String, detail: String) in
      detail.isEmpty ? place : "\(place): \(detail)"
    }
    report.note(reason, effect, in: source, count: count, example: described(place(), detail()))
    if effect == .skipped, firstSkips[reason] == nil {
      firstSkips[reason] = described("\(file.path):\(line)", detail())
    }
  }

  /// The reason for which most was left out; nil when nothing was.
  var mainSkip: IngestError.Skipped? {
    var counts: [(reason: String, count: Int, example: String)] = []
    for defect in report.defects where defect.effect == .skipped {
      if let index = counts.firstIndex(where: { $0.reason == defect.reason }) {
        counts[index].count += defect.count
      } else {
        let example = firstSkips[defect.reason] ?? "\(defect.source): \(foreign(defect.example))"
        counts.append((defect.reason, defect.count, example))
      }
    }
    // Of equal counts the first.
    guard let main = counts.reversed().max(by: { $0.count < $1.count }) else { return nil }
    return IngestError.Skipped(
      reason: main.reason, count: main.count, total: report.skipped, example: main.example)
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
