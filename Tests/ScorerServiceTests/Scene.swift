import Companions
import DatasetStore
import Diagnostics
import Features
import Foundation
import Models
import Pipeline
import Registry
import Scoring
import Storage
import Telemetry

/// Two services with a daily rhythm and logs, a model of them, and a registry that holds it.
struct ScorerScene {
  let dataset: Dataset
  let model: TrainedModel
  let folder: TestFolder

  var registry: String { "\(folder.path)/registry" }
  var snapshot: String { "\(folder.path)/small.h5" }

  init() async throws {
    folder = try TestFolder()
    dataset = Self.data()
    model = try await Training(
      configuration: Self.configuration, threads: 2, progress: { _ in })(
        dataset, digest: dataset.contentDigest)
    try await publish(model)
    try DatasetFile.write(dataset, to: snapshot)
  }

  /// Publishes a model as the champion.
  @discardableResult
  func publish(_ model: TrainedModel, alias: String = "champion") async throws -> PublishedVersion {
    try DirectoryRegistry(root: registry).publish(
      try ModelArtifact.make(model, dataset, onnx: false), as: "small", aliases: [alias],
      signatures: [])
  }

  /// The same model with boundaries moved, as calibrating anew does: another version whose memory is
  /// the same.
  func recalibrated(by factor: Double) -> TrainedModel {
    var other = model
    other.scoring.ensemble.boundary *= factor
    for index in other.scoring.calibrations.indices {
      other.scoring.calibrations[index].boundary *= factor
    }
    return other
  }

  /// The rows of a service by the columns of the model.
  func rows(of service: String) throws -> [TelemetryRow] {
    guard let frame = dataset.services.first(where: { $0.service == service }),
      let known = model.scoring.features.service(named: service)
    else { throw StorageError.notFound(path: service) }
    return Array(FrameRows(frame: frame, grid: dataset.grid, columns: known.metricColumns))
  }

  static let services = ["cart", "payment"]

  static let configuration: PipelineConfiguration = {
    do {
      return try PipelineConfiguration(
        ConfigurationNode(
          parsing: """
            name: small
            seed: 5
            reader: {interval: 5m, sources: [{type: prometheus, path: none.json}]}
            features: {windows: [30m, 2h]}
            models:
              isolation_forest: {trees: 25, subsample: 64}
              lstm: {hidden: 8, epochs: 3, smoothing: 3}
              pca_windowed: {}
              autoregression: {}
              false_alarm_rate: 0.01
            evaluation: {split: {fractions: {train: 0.5, calibration: 0.2}}, tolerance_after: 5m}
            """, file: "small.yaml", environment: [:]), folder: ".")
    } catch { fatalError("\(error)") }
  }()

  static func data() -> Dataset {
    let grid = TimeGrid(
      first: Timestamp(seconds: 1_780_000_200), interval: .minutes(5), count: 900)
    var state: UInt64 = 11
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 - 0.5
    }
    let frames = services.map { name in
      var values: [Double] = []
      var lines: [LogActivity.Count] = []
      for row in 0..<grid.count {
        let unwell = (780..<800).contains(row)
        let load = 50 + 20 * abs(Double(row % 288) / 144 - 1) + 3 * noise()
        values += [
          load, load / 2 + noise() + (unwell ? 40 : 0), row % 97 == 0 ? .nan : 3 + noise(),
        ]
        lines.append(LogActivity.Count(row: row, pattern: 0, lines: 10 + row % 4))
        if unwell || row % 50 == 0 {
          lines.append(LogActivity.Count(row: row, pattern: 1, lines: unwell ? 12 : 1))
        }
      }
      return ServiceFrame(
        service: name,
        columns: ["requests", "cpu", "queue"].map { MetricColumn(name: $0, kind: .gauge) },
        values: values,
        logs: LogActivity(
          patterns: [
            LogPattern(text: "GET /orders took <num> ms", level: .info),
            LogPattern(text: "queue of <num> jobs is \"full\"", level: .error),
          ], counts: lines, recorded: Array(repeating: true, count: grid.count)))
    }
    return Dataset(grid: grid, services: frames, incidents: [])
  }
}
