import DatasetStore
import Evaluation
import Gate
import Ingest
import IsolationForest
import Pipeline
import Registry
import Scoring
import Storage
import Telemetry

/// Two services with a daily rhythm, trained on quiet time, and sixteen incidents of two kinds in the
/// test time.
struct GateScene {
  let dataset: Dataset
  let model: TrainedModel
  let artifact: Artifact

  static let grid = TimeGrid(first: Timestamp(seconds: 300), interval: .minutes(5), count: 1600)

  static func range(_ cells: Range<Int>) -> TimeRange {
    TimeRange(
      start: grid.timestamp(at: cells.lowerBound) - grid.interval,
      end: grid.timestamp(at: cells.upperBound - 1))
  }

  static func data(seed: UInt64 = 1) -> Dataset {
    var state = seed
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 - 0.5
    }
    let incidents = (0..<16).map { index in
      let cell = 920 + index * 40
      return Incident(
        id: "INC-\(index)", service: index % 2 == 0 ? "cart" : "payment",
        kind: index % 2 == 0 ? "cpu" : "queue", start: grid.timestamp(at: cell),
        resolved: grid.timestamp(at: cell + 8))
    }
    let services = ["cart", "payment"].map { name in
      var values: [Double] = []
      for row in 0..<grid.count {
        let time = grid.timestamp(at: row)
        let unwell = incidents.contains {
          $0.concerns(name) && time > $0.start && time <= $0.resolved
        }
        let load = 50 + 20 * abs(Double(row % 288) / 144 - 1) + 3 * noise()
        values += [load, load / 2 + noise() + (unwell ? 40 : 0), 3 + noise()]
      }
      return ServiceFrame(
        service: name,
        columns: ["requests", "cpu", "queue"].map { MetricColumn(name: $0, kind: .gauge) },
        values: values)
    }
    return Dataset(grid: grid, services: services, incidents: incidents)
  }

  init(seed: UInt64 = 1, test: Range<Int> = 900..<1600) async throws {
    dataset = Self.data()
    var configuration = PipelineConfiguration(
      name: "small", reader: IngestConfiguration(interval: .minutes(5), sources: []))
    configuration.seed = seed
    configuration.features.windows = [.minutes(30)]
    configuration.models.forest?.trees = 25
    configuration.models.forest?.subsample = 64
    configuration.models.forecast = nil
    configuration.evaluation.split = .ranges(
      train: [Self.range(0..<600)], calibration: [Self.range(600..<900)],
      test: [Self.range(test)])
    model = try await Training(configuration: configuration, threads: 2, progress: { _ in })(
      dataset, digest: dataset.contentDigest)
    let judgement = try await JudgementStage(threads: 2, progress: { _ in })(model, dataset)
    artifact = try ModelArtifact.make(model, judgement, dataset, onnx: false)
  }

  /// The model with its artifact; a changed one with an artifact without a sample.
  func side(_ change: ((inout TrainedModel) -> Void)? = nil) throws -> GateSide {
    guard let change else {
      return GateSide(reference: "registry/small", model: model, artifact: artifact)
    }
    var changed = model
    change(&changed)
    return GateSide(
      reference: "registry/changed", model: changed,
      artifact: try ModelArtifact.make(changed, evaluation: nil))
  }
}

extension TrainedModel {
  /// Lets a service's ensemble, or all, alarm less often.
  mutating func deafen(_ service: String? = nil) {
    for name in scoring.ensemble.locations.keys where service == nil || service == name {
      scoring.ensemble.locations[name]?.spread *= 1e6
    }
  }
}
