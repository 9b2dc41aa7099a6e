import Evaluation
import Features
import Pipeline
import Scoring
import Telemetry
import Testing

@Suite struct LinearMembersTests {
  private func configuration(_ models: String) throws -> PipelineConfiguration {
    try PipelineConfiguration(
      ConfigurationNode(
        parsing: """
          name: linear
          seed: 5
          reader: {interval: 5m, sources: [{type: prometheus, path: none.json}]}
          features: {windows: [30m, 2h]}
          models:
            isolation_forest: {enabled: false}
            robust_deviation: {enabled: false}
            false_alarm_rate: 0.01
          \(models)
          evaluation: {split: {fractions: {train: 0.5, calibration: 0.2}}, tolerance_after: 5m}
          """, file: "linear.yaml", environment: [:]), folder: ".")
  }

  private func trained(_ models: String) async throws -> TrainedModel {
    try await Training(
      configuration: configuration(models), threads: 2, progress: { _ in }
    )(smallSystem(), digest: "digest")
  }

  private static let members = """
      lstm: {enabled: false}
      pca: {enabled: true, explained: 0.8, components: 12}
      pca_windowed: {enabled: true, window: 6}
      autoregression: {enabled: true, lags: 3, smoothing: 2, score: 
    """

  @Test(arguments: ["smoothed", "telemanom", "mahalanobis", "quantile"])
  func `members read back score the same, and explain by channel`(score: String) async throws {
    let dataset = smallSystem()
    let model = try await trained(Self.members + score + "}")
    let read = try TrainedModel(files: model.files(), source: "artifact")
    #expect(read.files() == model.files())
    #expect(read.baselines == model.baselines)
    #expect(
      read.scoring.scoreNames == ["pca", "pca_windowed", "autoregression", "ensemble"])
    #expect(read.scoring.explainedDetectors == ["pca", "pca_windowed", "autoregression"])
    let stage = ScoreStage(threads: 2, progress: { _ in })
    let table = try await stage(model.scoring, dataset)
    let again = try await stage(read.scoring, dataset)
    #expect(table.csv() == again.csv())
    for name in read.scoring.explainedDetectors {
      let explained = try await stage.explanations(
        read.scoring, dataset, services: ["cart", "payment"], causes: 100, by: name)
      let place = try #require(table.names.firstIndex(of: name))
      let found = table.scores.reduce(0) { $0 + $1[place].count { $0 >= 1 } }
      #expect(found > 0 && explained.cells.count == found)
      // The incidents raise cpu by 40.
      #expect(explained.cells.contains { $0.causes.contains { $0.feature.contains("cpu") } })
      for cause in explained.cells.flatMap(\.causes) {
        #expect(cause.expected?.contains(cause.value) != true, "\(cause.text)")
      }
    }
  }

  @Test(arguments: ["smoothed", "telemanom", "mahalanobis", "quantile"])
  func `the forecaster's score reads back`(score: String) async throws {
    let model = try await trained("  lstm: {hidden: 8, epochs: 2, smoothing: 3, score: \(score)}")
    let read = try TrainedModel(files: model.files(), source: "artifact")
    #expect(read.files() == model.files())
    let stage = ScoreStage(threads: 1, progress: { _ in })
    let table = try await stage(model.scoring, smallSystem())
    #expect(try await stage(read.scoring, smallSystem()).csv() == table.csv())
    #expect(table.scores.allSatisfy { $0[0].contains { $0 >= 1 } })
    #expect(read.baselines == model.baselines)
  }

  @Test func `baselines are always judged, once each`() async throws {
    let dataset = smallSystem()
    for (models, names) in [
      ("  lstm: {hidden: 8, epochs: 2}", ["lstm"]),
      ("  lstm: {enabled: false}\n  autoregression: {enabled: true}", ["autoregression"]),
    ] {
      let result = try await JudgementStage(threads: 2, progress: { _ in })(
        trained(models), dataset
      ).result
      let baselines = [
        "random", "null", "moving_z", "mad", "mean_deviation", "seasonal_naive", "range_rule",
        "pca", "pca_windowed", "autoregression",
      ]
      #expect(
        result.rows.map(\.name)
          == ["ensemble"] + names + baselines.filter { !names.contains($0) })
    }
  }

  @Test(arguments: [
    ("  lstm: {score: best}", "one of smoothed, telemanom, mahalanobis, quantile"),
    ("  lstm: {score: quantile, pruning: 0.1}", "no pruning beside a score other than telemanom"),
    ("  autoregression: {lags: 0}", "a whole number from 1 to 1000"),
    ("  autoregression: {coverage: 0.9}", "no coverage beside a score other than quantile"),
    ("  lstm: {enabled: false}", "at least one model that is enabled"),
  ]) func `what does not fit is named with its line`(models: String, expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try configuration(models) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }
}
