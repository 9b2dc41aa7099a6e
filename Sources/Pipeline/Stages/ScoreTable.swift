public import Diagnostics
public import Evaluation
internal import Features
public import Scoring
public import Storage
public import Telemetry

/// Scores of all services on one grid.
public struct ScoreTable: Hashable, Sendable {
  /// The time axis.
  public var grid: TimeGrid
  /// Names of the scores, the ensemble's last.
  public var names: [String]
  /// The services, ascending.
  public var services: [String]
  /// Per service and name, [grid.count]; NaN is no score.
  public var scores: [[[Float]]]
  /// Services of the data that the model does not know.
  public var unknownServices: [String]
  /// Services of the model that the data does not have, or has less than half of the metrics of;
  /// they are not scored, for silence would look like health.
  public var absentServices: [String]
  /// Metrics of the model that the data lacks, as `service/metric`; they count as missing.
  public var absentColumns: [String]

  /// The rows for an evaluation, the ensemble first.
  public func detectorScores() -> [DetectorScores] {
    ([names.count - 1] + Array(0..<names.count - 1)).map { index in
      DetectorScores(
        name: names[index],
        services: zip(services, scores).map { ServiceScores(service: $0, scores: $1[index]) })
    }
  }

  /// Comma-separated text: `time,service` and a column per score, one line per service and cell.
  ///
  /// Scores are the shortest decimals that read back as the same 32-bit floats; no score is empty.
  public func csv() -> [UInt8] {
    var text = Array("time,service,\(names.joined(separator: ","))\n".utf8)
    let times = (0..<grid.count).map { Array("\(grid.timestamp(at: $0)),".utf8) }
    for (service, columns) in zip(services, scores) {
      let label = Array(csvField(service).utf8)
      for cell in 0..<grid.count {
        text += times[cell]
        text += label
        for column in columns {
          text.append(0x2C)
          if !column[cell].isNaN { text += Array(column[cell].description.utf8) }
        }
        text.append(0x0A)
      }
    }
    return text
  }

  /// The table as a JSON document: times once, then an object of arrays per service.
  public func json() -> JSONValue {
    [
      "interval": .string(grid.interval.description),
      "times": .array((0..<grid.count).map { .string(grid.timestamp(at: $0).description) }),
      "services": .object(
        Dictionary(
          zip(services, scores).map { service, columns in
            (
              service,
              .object(
                Dictionary(
                  zip(names, columns).map { name, column in
                    (
                      name,
                      .array(
                        column.map {
                          $0.isNaN ? .null : .float($0)
                        })
                    )
                  }, uniquingKeysWith: { first, _ in first }))
            )
          }, uniquingKeysWith: { first, _ in first })),
    ]
  }
}

/// A field of comma-separated text, in quotes where it needs them.
package func csvField(_ text: String) -> String {
  guard text.utf8.contains(where: { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }) else { return text }
  return "\""
    + text.split(separator: "\"", omittingEmptySubsequences: false)
    .joined(separator: "\"\"") + "\""
}

/// The scoring stage: a model over a dataset.
public struct ScoreStage: Sendable {
  let threads: Int
  private let progress: ProgressSink

  /// Makes a stage.
  ///
  /// - Parameter threads: Services scored at once; results do not depend on it.
  public init(threads: Int, progress: @escaping ProgressSink) {
    (self.threads, self.progress) = (threads, progress)
  }

  /// Scores every cell of every service that the model knows.
  ///
  /// - Throws: `FeatureError.intervalMismatch` for data on another grid,
  ///   `ScoringError.noKnownService` when the two have no service in common.
  public func callAsFunction(_ model: ScoringModel, _ dataset: Dataset) async throws -> ScoreTable {
    let grid = dataset.grid
    guard grid.interval == model.features.definition.interval else {
      throw FeatureError.intervalMismatch(
        expected: model.features.definition.interval.description,
        found: grid.interval.description)
    }
    let known = try dataset.services.compactMap { try KnownFrame($0, model) }
    guard !known.isEmpty else {
      throw ScoringError.noKnownService(
        data: dataset.services.map(\.service), model: model.services)
    }
    let usable = known.filter(\.isUsable)
    guard !usable.isEmpty else {
      throw ScoringError.noKnownMetric(example: known.first?.absent.first ?? "")
    }
    let frames = usable.map(\.frame)
    let counter = ProgressCounter(stage: "score", total: frames.count, sink: progress)
    let scores = try await concurrentMap(frames, limit: threads) { frame in
      defer { counter.advance(frame.service) }
      return model.scores(of: frame, grid: grid) ?? []
    }
    let present = Set(frames.map(\.service))
    let names = Set(model.services)
    return ScoreTable(
      grid: grid, names: model.scoreNames, services: frames.map(\.service), scores: scores,
      unknownServices: dataset.services.map(\.service).filter { !names.contains($0) },
      absentServices: model.services.filter { !present.contains($0) },
      absentColumns: usable.flatMap(\.absent))
  }
}

/// A service of the data that the model knows.
private struct KnownFrame {
  let frame: ServiceFrame
  /// Metrics and logs that the service's model reads and the frame does not have.
  let absent: [String]
  /// Whether at least half of the metrics are there; of what is missing most, a score would say
  /// nothing.
  let isUsable: Bool

  /// Takes a frame; nil when the model does not know its service.
  ///
  /// - Throws: `ScoringError.otherKind` when a column's values are not what the model learned.
  init?(_ frame: ServiceFrame, _ model: ScoringModel) throws {
    guard let service = model.features.service(named: frame.service) else { return nil }
    let kinds = Dictionary(
      frame.columns.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
    for (column, expected) in zip(service.metricColumns, service.metricKinds) {
      guard let found = kinds[column], found != expected else { continue }
      throw ScoringError.otherKind(
        column: "\(frame.service)/\(column)", expected: expected.rawValue, found: found.rawValue)
    }
    let metrics = service.metricColumns.filter { kinds[$0] == nil }
    self.frame = frame
    isUsable = metrics.count * 2 <= service.metricColumns.count
    absent = (metrics + (service.logs != nil && frame.logs == nil ? ["logs"] : []))
      .map { "\(frame.service)/\($0)" }
  }
}
