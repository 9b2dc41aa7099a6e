package import Ingest
package import LogRequests
internal import LogTemplates
package import Telemetry

/// What a detector of logs finds beside those of metrics.
///
/// Logs of the data exist around incidents only, so that their mere presence tells of one. Hence
/// the detector of logs is judged by recorded cells alone, before, within and after an incident.
/// Every detector has samples, a threshold and a share of the budget of its own, and an incident
/// counts as found only when the service alarms that it is in.
public struct LogComparison: Hashable, Sendable {
  /// The share of a detector's quiet samples that may alarm, divided equally between two.
  static let quietShare = 0.05

  /// How many incidents a detector of metrics finds.
  public struct Row: Hashable, Sendable {
    /// The detector.
    public var name: String
    /// Incidents found alone with the whole budget.
    public var alone: Double
    /// Incidents found with the detector of logs, each with half of the budget.
    public var withLogs: Double
    /// The same by kind of incident, in the order of `kinds`.
    public var byKind: [Double]
  }

  /// An incident and what the detector of logs says of it.
  public struct Finding: Hashable, Sendable {
    /// The incident.
    public var id: String
    /// Where it was.
    public var service: String
    /// What kind it was.
    public var kind: String
    /// Recorded cells within it.
    public var cells: Int
    /// Whether logs find it with half of the budget.
    public var isFound: Bool
    /// Requests within it, and those that lack lines.
    public var requests: Int, broken: Int
    /// The pair of templates that most requests break, as text.
    public var first: String?, second: String?
  }

  /// Kinds of incidents, ascending, and how many there are of each.
  public var kinds: [(name: String, count: Int)] { kindCounts.map { ($0.name, $0.count) } }
  private let kindCounts: [KindCount]
  /// Detectors of metrics in their order, then random scores of both kinds of detectors.
  public let rows: [Row]
  /// Incidents that logs find alone with the whole budget and with half of it.
  public let logsAlone: Int, logsWithHalf: Int
  /// Incidents that logs find above all of their quiet samples.
  public let logsWithoutFalseAlarm: Int
  /// Incidents that random scores at the samples of logs find with the whole budget, on average.
  public let randomLogsAlone: Double
  /// Samples outside of incidents by which metrics and logs are judged.
  public let quietMetricSamples: Int, quietLogSamples: Int
  /// Services with a model of logs.
  public let services: Int
  /// Recorded cells outside of incidents, and those of them in which the log detector alarms for any
  /// service, with the whole budget and with half of it.
  public let quietCells: Int, alarmedCells: Int, alarmedCellsWithHalf: Int
  /// Every incident.
  public let findings: [Finding]

  private struct KindCount: Hashable {
    var name: String
    var count: Int
  }

  /// Incidents in all.
  public var incidents: Int { findings.count }

  /// Compares.
  ///
  /// - Parameters:
  ///   - metrics: By detector, the scores of all services, [grid.count].
  ///   - logs: What the detector of logs said.
  ///   - sought: The incidents.
  ///   - isQuiet: Per cell, whether metrics are judged by it as a quiet one; the same for logs.
  package init(
    metrics: [(name: String, scores: [String: [Float]])], logs: LogScores,
    sought: [SoughtIncident], isQuiet: [Bool], isQuietForLogs: [Bool]
  ) {
    let half = Self.quietShare / 2
    let logSamples = QuietSamples(logs.samples, isQuiet: isQuietForLogs)
    func found(_ share: Double) -> [Bool] {
      sought.map {
        logSamples.alarms($0.service, in: $0.logCells, quietShare: share)
      }
    }
    let (whole, part) = (found(Self.quietShare), found(half))
    let names = Set(sought.map { $0.kind }).sorted()
    func byKind(_ chances: [Double]) -> [Double] {
      names.map { name in
        zip(sought, chances).reduce(0) { $0 + ($1.0.kind == name ? $1.1 : 0) }
      }
    }
    var rows: [Row] = []
    var metricSamples = QuietSamples([:], isQuiet: isQuiet)
    for (name, scores) in metrics {
      metricSamples = QuietSamples(scores, isQuiet: isQuiet)
      func alarms(_ share: Double) -> [Bool] {
        sought.map {
          metricSamples.alarms($0.service, in: $0.metricCells, quietShare: share)
        }
      }
      let both = zip(alarms(half), part).map { $0 || $1 ? 1.0 : 0 }
      rows.append(
        Row(
          name: name, alone: Double(alarms(Self.quietShare).count { $0 }),
          withLogs: both.reduce(0, +), byKind: byKind(both)))
    }
    let alone = sought.map {
      1
        - metricSamples.chanceOfSilence(
          $0.service, in: $0.metricCells, quietShare: Self.quietShare)
    }
    let both = sought.map {
      1 - metricSamples.chanceOfSilence(
        $0.service, in: $0.metricCells, quietShare: half)
        * logSamples.chanceOfSilence($0.service, in: $0.logCells, quietShare: half)
    }
    rows.append(
      Row(
        name: "random, of both kinds", alone: alone.reduce(0, +), withLogs: both.reduce(0, +),
        byKind: byKind(both)))
    self.rows = rows
    kindCounts = zip(names, byKind(sought.map { _ in 1 })).map {
      KindCount(name: $0, count: Int($1))
    }
    (logsAlone, logsWithHalf) = (whole.count { $0 }, part.count { $0 })
    logsWithoutFalseAlarm = found(0).count { $0 }
    randomLogsAlone = sought.reduce(0) {
      $0 + 1
        - logSamples.chanceOfSilence($1.service, in: $1.logCells, quietShare: Self.quietShare)
    }
    (quietMetricSamples, quietLogSamples) = (metricSamples.count, logSamples.count)
    services = logs.models.count
    quietCells = isQuietForLogs.count { $0 }
    alarmedCells = logSamples.alarmedCells(quietShare: Self.quietShare)
    alarmedCellsWithHalf = logSamples.alarmedCells(quietShare: half)
    findings = zip(sought, part).map { logs.finding($0, isFound: $1) }
  }
}

/// What the detector of logs says of every service.
package struct LogScores: Sendable {
  /// The models, by service.
  package var models: [String: RequestInvariantModel] = [:]
  /// Per service and cell, what requests amount to; nil where it is no sample.
  package var cells: [String: [RequestInvariantScore?]] = [:]

  /// Makes scores from their parts.
  package init(
    models: [String: RequestInvariantModel] = [:], cells: [String: [RequestInvariantScore?]] = [:]
  ) {
    (self.models, self.cells) = (models, cells)
  }

  /// Fits every service on the same cells and scores the others.
  ///
  /// - Parameters:
  ///   - recorded: By service, whether its logs were recorded, [grid.count].
  ///   - training: Cells that are fitted on, and are no samples.
  package init(
    _ logs: [TracedLog], recorded: [String: [Bool]], grid: TimeGrid, training: Range<Int>
  ) {
    for log in logs {
      guard let recorded = recorded[log.service] else { continue }
      let cells = log.cells(of: grid, recorded: recorded)
      let isFitted = cells.indices.map(training.contains)
      guard
        let model = RequestInvariantModel(
          fitting: cells, patterns: log.patterns, grid: grid, isFitted: isFitted)
      else { continue }
      var scorer = model.scorer(interval: grid.interval)
      models[log.service] = model
      self.cells[log.service] = cells.indices.map { cell in
        let score = scorer.push(
          cells[cell], patterns: log.patterns, endingAt: grid.timestamp(at: cell))
        return isFitted[cell] ? nil : score
      }
    }
  }

  /// Reads the lines of all services that name a trace.
  ///
  /// - Throws: `IngestError`.
  package static func tracedLogs(_ reader: IngestConfiguration) throws -> [TracedLog] {
    var readers: [String: TracedLogReader] = [:]
    for source in reader.sources {
      for stream in try readColumns(source, limits: reader.limits).streams {
        // The published data's streams are services.
        guard let service = stream.labels["service"] else { continue }
        var start = 0
        var lines = readers[service] ?? TracedLogReader(service: service)
        for (time, end) in zip(stream.times, stream.ends) {
          lines.take(stream.text.span.extracting(start..<end), at: time / 1000)
          start = end
        }
        readers[service] = lines
      }
    }
    return readers.sorted { $0.key < $1.key }.map { $0.value.log() }
  }

  /// By service with logs, whether they were recorded, [grid.count].
  package static func recorded(_ dataset: Dataset) -> [String: [Bool]] {
    Dictionary(
      dataset.services.compactMap { frame in frame.logs.map { (frame.service, $0.recorded) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The scores, NaN where there is none.
  fileprivate var samples: [String: [Float]] {
    cells.mapValues { $0.map { $0?.score ?? .nan } }
  }

  fileprivate func finding(_ sought: SoughtIncident, isFound: Bool) -> LogComparison.Finding {
    let service = sought.service
    let scores = sought.logCells.compactMap { cells[service]?[$0] }
    var violations: [Int: Int] = [:]
    for violation in scores.flatMap(\.violations) {
      violations[violation.invariant, default: 0] += violation.requests
    }
    let most = violations.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    let model = models[service]
    let pair = most.flatMap { model?.invariants.pairs[$0] }
    func text(_ template: Int?) -> String? {
      template.flatMap { model?.dictionary.templates[$0].text }
    }
    return LogComparison.Finding(
      id: sought.id, service: service, kind: sought.kind,
      cells: sought.logCells.count, isFound: isFound,
      requests: scores.reduce(0) { $0 + $1.requests },
      broken: scores.reduce(0) { $0 + $1.broken }, first: text(pair?.first),
      second: text(pair?.second))
  }
}
