import Evaluation
import Features
import LSTM
import Pipeline
import Scoring
import Storage
import Telemetry
import Testing

@Suite struct CaveatsTests {
  private func judged(
    _ change: (inout TrainedModel, inout Dataset) -> Void = { _, _ in }
  ) async throws -> (results: RunResults, judgement: Judgement) {
    var dataset = smallSystem()
    var model = try await train(dataset)
    change(&model, &dataset)
    let judgement = try await JudgementStage(threads: 1, progress: { _ in })(model, dataset)
    let findings = try await FindingsStage(threads: 1, progress: { _ in })(
      model, dataset, judgement)
    let results = RunResults(
      model: model, artifactDigest: "digest", dataset: dataset, judgement: judgement,
      findings: findings)
    return (results, judgement)
  }

  @Test func `thin calibration and few incidents are said with their numbers`() async throws {
    // The later halves of 240 cells of cart, and of payment's 240 less the 12 of its incident and
    // the 23 after it whose two hours reach into it.
    let caveats = try await judged().judgement.caveats
    let calibration = try #require(caveats.first)
    #expect(calibration.hasPrefix("Alert boundaries rest on 223 calibration cells, of which "))
    #expect(calibration.contains("too few to hold a rate of 1 %"))
    #expect(
      caveats.contains(
        "The test holds 2 incidents: one more found or missed moves recall by 50 %."))
  }

  @Test func `the report says which simple detectors a network does not beat`() async throws {
    // A network that is hardly trained ranks no better than some of them.
    var configuration = try smallConfiguration()
    configuration.models.forecast?.network.epochs = 1
    configuration.models.forecast?.network.learningRate = 1e-7
    let dataset = smallSystem()
    let model = try await Training(configuration: configuration, threads: 1, progress: { _ in })(
      dataset, digest: "digest")
    let judgement = try await JudgementStage(threads: 1, progress: { _ in })(model, dataset)
    let precision = Dictionary(
      judgement.result.rows.map { ($0.name, $0.ranking.averagePrecision ?? 0) },
      uniquingKeysWith: { first, _ in first })
    let lstm = try #require(precision["lstm"])
    let unbeaten = [
      "pca": "PCA", "pca_windowed": "windowed PCA", "autoregression": "autoregression",
    ]
    .filter { precision[$0.key] ?? 0 >= lstm }
    try #require(!unbeaten.isEmpty, "\(precision)")
    let caveat = try #require(
      judgement.caveats.first { $0.hasPrefix("LSTM does not beat ") })
    for words in unbeaten.values { #expect(caveat.contains("\(words) (")) }
  }

  @Test func `a rate that calibration can hold needs no caveat`() async throws {
    let caveats = try await judged { model, _ in model.falseAlarmRate = 0.2 }.judgement.caveats
    #expect(!caveats.contains { $0.contains("calibration cell") })
  }

  @Test func `what is left out is counted`() async throws {
    let caveats = try await judged { model, dataset in
      model.dropped = [
        .init(service: "cart", channel: "logs", coverage: 0),
        .init(service: "payment", channel: "queue", coverage: 0.1),
      ]
      dataset.services.append(dataset.services[0])
      dataset.services[2].service = "new"
    }.judgement.caveats
    #expect(caveats.contains { $0.hasPrefix("Logs of 1 service are not used") })
    #expect(caveats.contains("1 service of the data unknown to the model and not judged."))
  }

  @Test func `caveats are in the report and in the metrics, which read back`() async throws {
    let (results, judgement) = try await judged()
    let files = try results.files()
    let page = String(decoding: files[RunResults.reportFile] ?? [], as: UTF8.self)
    for caveat in judgement.caveats { #expect(page.contains("<li>\(caveat)</li>")) }
    let json = try JSONValue(
      parsing: files[RunResults.evaluationFile] ?? [], source: RunResults.evaluationFile)
    let document = JSONDocument(json, source: RunResults.evaluationFile)
    #expect(try document["caveats"].elements.map { try $0.string } == judgement.caveats)
    #expect(try EvaluationResult(json: json) == judgement.result)
  }
}
