import Features
import Pipeline
import Scoring
import Telemetry
import Testing

/// The small system's configuration with another choice of features.
private func configuration(set: FeatureSet) throws -> PipelineConfiguration {
  var configuration = try smallConfiguration()
  configuration.features.set = set
  configuration.models.forecast = nil
  return configuration
}

private func train(_ dataset: Dataset, set: FeatureSet) async throws -> TrainedModel {
  try await Training(
    configuration: configuration(set: set), threads: 1, progress: { _ in }
  )(dataset, digest: "digest")
}

@Suite struct FeatureSetTests {
  @Test func `a model of the whole catalogue reads back and scores the same, bit for bit`()
    async throws
  {
    let dataset = smallSystem()
    let model = try await train(dataset, set: .full)
    let files = model.files()
    let read = try TrainedModel(files: files, source: "artifact")
    #expect(read.files() == files)
    let stage = ScoreStage(threads: 1, progress: { _ in })
    let before = try await stage(model.scoring, dataset)
    let after = try await stage(read.scoring, dataset)
    #expect(before.csv() == after.csv())
    let service = try #require(model.scoring.features.services.first)
    let names = model.scoring.features.featureNames(of: service)
    #expect(service.featureScaling.count == names.count)
    #expect(names.contains("hour_residual(cpu)") && names.contains("day_sine"))
  }

  @Test func `test data has no influence on a model of the whole catalogue`() async throws {
    let dataset = smallSystem()
    var changed = dataset
    for service in changed.services.indices {
      let width = changed.services[service].columns.count
      for index in 840 * width..<changed.services[service].values.count {
        changed.services[service].values[index] = Double(index % 7) * 1e4
      }
    }
    let original = try await train(dataset, set: .full).files()
    let other = try await train(changed, set: .full).files()
    #expect(original == other)
  }

  @Test func `a set without windows has one feature a channel and fits on every training cell`()
    async throws
  {
    let features = try await fitFeatures(
      smallSystem(), configuration: configuration(set: .listed), threads: 1)
    #expect(features.definition.historyLength == 1)
    for service in features.services {
      #expect(features.featureNames(of: service) == service.channels)
    }
  }
}
