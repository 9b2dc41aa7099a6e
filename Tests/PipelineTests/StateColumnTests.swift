import Ingest
import LSTM
import Pipeline
import Scoring
import Telemetry
import Testing

@Suite struct StateColumnTests {
  /// The small system with a switch beside its metrics that is turned on in the test time only.
  private func system(turnedOn: Bool) -> Dataset {
    var dataset = smallSystem()
    for index in dataset.services.indices {
      let frame = dataset.services[index]
      let width = frame.columns.count
      var values: [Double] = []
      for row in 0..<dataset.grid.count {
        values += frame.values[row * width..<(row + 1) * width]
        values.append(turnedOn && row >= 1000 ? 1 : 0)
      }
      dataset.services[index] = ServiceFrame(
        service: frame.service,
        columns: frame.columns + [MetricColumn(name: "switch", kind: .state)], values: values,
        logs: frame.logs)
    }
    return dataset
  }

  private func trained(_ dataset: Dataset) async throws -> TrainedModel {
    var configuration = PipelineConfiguration(
      name: "shop", reader: IngestConfiguration(interval: .minutes(5), sources: []))
    configuration.features.windows = [.minutes(30)]
    configuration.models.forecast?.network.hidden = 8
    configuration.models.forecast?.network.epochs = 2
    return try await Training(
      configuration: configuration, threads: 2, progress: { _ in })(dataset, digest: "digest")
  }

  private func scores(_ model: TrainedModel, _ dataset: Dataset) async throws -> ScoreTable {
    try await ScoreStage(threads: 2, progress: { _ in })(model.scoring, dataset)
  }

  @Test func `a switch that is turned on for the first time is no deviation and no split`()
    async throws
  {
    let (off, on) = (system(turnedOn: false), system(turnedOn: true))
    let model = try await trained(off)
    let (before, after) = (try await scores(model, off), try await scores(model, on))
    for name in ["isolation_forest", "robust_deviation"] {
      let index = try #require(before.names.firstIndex(of: name))
      for service in before.services.indices {
        #expect(
          before.scores[service][index].map(\.bitPattern)
            == after.scores[service][index].map(\.bitPattern), "\(name)")
      }
    }
    // The network knows it, so that what it foretells may change.
    let lstm = try #require(before.names.firstIndex(of: "lstm"))
    #expect(before.scores[0][lstm] != after.scores[0][lstm])
  }

  @Test func `a model read back leaves out what was left out`() async throws {
    let dataset = system(turnedOn: true)
    let model = try await trained(dataset)
    let read = try TrainedModel(files: model.files(), source: "model")
    #expect(try await scores(read, dataset).csv() == scores(model, dataset).csv())
    #expect(read.files() == model.files())
  }
}
