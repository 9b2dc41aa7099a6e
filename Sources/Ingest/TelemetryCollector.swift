internal import Storage
internal import Telemetry

/// A reader of one kind of source.
protocol SourceReader {
  /// Reads the source from beginning to end.
  func read(into collector: inout TelemetryCollector) throws
}

/// A file that is being read.
struct SourceText {
  /// The path, for errors.
  let path: String
  /// The file's name on one line, for the report.
  let name: String
  /// The content, decompressed, window by window.
  let source: ByteSource
  /// The most bytes of a line or record.
  let lineLimit: Int
  /// The most bytes to hold of a document.
  let documentLimit: Int

  /// What is left of the content, for formats that are read as a whole.
  ///
  /// - Parameter window: What was taken already and comes first.
  func readAll(after window: consuming ByteWindow? = nil) throws(StorageError) -> [UInt8] {
    try source.readAll(after: window, limit: documentLimit)
  }
}

/// Everything that readers have found so far.
struct TelemetryCollector {
  var series: SeriesCollector
  var logs: LogCollector
  var report = IngestReport()
  /// The files read to the end, in the order of reading.
  private(set) var sources: [SourceRecord] = []
  private(set) var incidents: [Incident] = []
  private(set) var publishedTestStart: Timestamp?
  private var incidentPlaces: [String: String] = [:]
  private var firstSkips: [String: String] = [:]
  /// By reason, how many more samples than items were left out.
  private var furtherLosses: [String: Int] = [:]
  private var current: (type: String, file: SourceText)?
  private var bytesLeft: Int
  let limits: IngestLimits
  /// Whether the files' SHA-256 is wanted, which takes longer than reading.
  private let isIdentifying: Bool
  let progress: ReadingProgress

  init(
    _ configuration: IngestConfiguration, isIdentifying: Bool = true,
    progress: @escaping (String) -> Void
  ) {
    self.isIdentifying = isIdentifying
    limits = configuration.limits
    // Lines of logs come in thousands, samples in millions.
    let logs = limits.memoryBytes / 4
    series = SeriesCollector(configuration, budget: limits.memoryBytes - logs)
    self.logs = LogCollector(configuration, budget: logs)
    bytesLeft = limits.inputBytes
    self.progress = ReadingProgress(report: progress)
  }

  /// Opens the next file; its bytes count against the limit. The one before is at its end.
  ///
  /// - Parameter name: What the report calls it; nil for the last part of its path.
  mutating func open(_ path: String, type: String, name: String? = nil) throws -> SourceText {
    try finishFile()
    let name = singleLine(name ?? String(path.split(separator: "/").last ?? ""))
    let source = try ByteSource(opening: path, limit: bytesLeft, identified: isIdentifying)
    progress.begin(name, source)
    series.beginFile(path)
    logs.beginFile(path)
    let file = SourceText(
      path: path, name: name, source: source, lineLimit: limits.lineBytes,
      documentLimit: limits.documentBytes)
    current = (type, file)
    return file
  }

  /// Begins with what is no file, such as a server's answer, which errors call `name`.
  mutating func beginMemory(_ name: String) {
    series.beginFile(name)
    logs.beginFile(name)
  }

  /// The file that is being read.
  ///
  /// - Precondition: There is one.
  var openFile: SourceText {
    guard let (_, file) = current else { preconditionFailure("no file is open") }
    return file
  }

  /// Records the file that was opened last as a source; does nothing if that was done.
  mutating func finishFile() throws(StorageError) {
    guard let (type, file) = current else { return }
    let (sha256, size) = try file.source.finish()
    bytesLeft -= file.source.bytesProduced
    sources.append(SourceRecord(type: type, name: file.name, sha256: sha256, bytes: size))
    current = nil
  }

  /// The path itself, or the files in it in the order of their names if it is a folder.
  ///
  /// - Parameter endings: What a file's name in a folder must end in; empty for all files.
  func files(at path: String, endings: [String] = []) throws -> [String] {
    guard FileSystem.item(at: path, followingLinks: true) == .folder else { return [path] }
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
  ///   - samples: How many samples an item has, as a row has several; for the budget of defects.
  mutating func note(
    _ reason: String, _ effect: IngestReport.Effect, in file: SourceText, line: Int,
    detail: @autoclosure () -> String, count: Int = 1, samples: Int = 1
  ) {
    if effect == .skipped, samples > 1 {
      furtherLosses[reason, default: 0] += count * (samples - 1)
    }
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
  ///
  /// - Parameter isWanted: Whether a reason is looked at.
  func mainSkip(where isWanted: (String) -> Bool = { _ in true }) -> IngestError.Skipped? {
    var counts: [(reason: String, count: Int, example: String)] = []
    for defect in report.defects where defect.effect == .skipped && isWanted(defect.reason) {
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
      reason: main.reason, count: main.count, total: counts.reduce(0) { $0 + $1.count },
      example: main.example)
  }

  /// Refuses what was read when more was left out than the budget allows.
  ///
  /// - Throws: `IngestError.overBudget`.
  func check(_ budget: DefectBudget) throws(IngestError) {
    guard let (reasons, allowed) = budget.violation(by: report, furtherLosses),
      let skipped = mainSkip(where: reasons.contains)
    else { return }
    throw IngestError.overBudget(skipped, allowed: allowed, report: report, reportPath: nil)
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
