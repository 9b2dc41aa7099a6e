import Pipeline
import Scoring
import Telemetry
import Testing

@Suite struct ExplanationTests {
  private func cause(_ value: Double, _ expected: ClosedRange<Double>?) -> CellExplanation.Cause {
    CellExplanation.Cause(
      feature: "cpu_p95", value: value, contribution: -0.5, expected: expected)
  }

  private func cell(_ score: Float, _ causes: [CellExplanation.Cause]) -> CellExplanation {
    CellExplanation(
      time: Timestamp(seconds: 0), service: "cart", score: score, causes: causes)
  }

  @Test(arguments: ["", "extension_level: 1", "missing: both"])
  func `what was expected never contains the value`(option: String) async throws {
    let dataset = smallSystem()
    var configuration = try smallConfiguration(forest: option)
    // Boundaries are scores of calibration cells, and a tenth of these are explained.
    configuration.models.threshold = .contamination(share: 0.1)
    let model = try await Training(configuration: configuration, threads: 1, progress: { _ in })(
      dataset, digest: "digest")
    let table = try await ScoreStage(threads: 1, progress: { _ in }).explanations(
      model.scoring, dataset, services: dataset.services.map(\.service), causes: 100)
    #expect(table.cells.contains { $0.score == 1 })
    let causes = table.cells.flatMap(\.causes)
    #expect(causes.contains { $0.expected != nil })
    for cause in causes {
      #expect(cause.expected?.contains(cause.value) != true, "\(cause.text)")
    }
  }

  @Test func `no bound is infinite in the table, and no range is empty`() {
    let table = ExplanationTable(
      cells: [
        cell(2, [cause(1, -.infinity...0.5), cause(.nan, 3...(.infinity)), cause(-.infinity, nil)])
      ])
    let lines = String(decoding: table.csv(), as: UTF8.self).split(separator: "\n")
    #expect(
      lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false)[5...7] }
        .map(Array.init) == [["1.0", "-inf", "0.5"], ["", "3.0", "inf"], ["-inf", "", ""]])
  }

  @Test func `the summary has the strongest cells in words`() {
    let weak = cell(1, [cause(0.6, 0.21...0.55)])
    let strong = cell(2.5, [cause(0.97, 0.21...0.55), cause(.nan, nil)])
    #expect(
      ExplanationTable(cells: [weak, strong]).summary(strongest: 1) == """
        2 cells explained, the strongest:
          1970-01-01T00:00:00Z  cart  2.5: cpu_p95 = 0.97, expected 0.21 to 0.55; cpu_p95 = missing
        """)
    #expect(ExplanationTable(cells: [weak]).summary(strongest: 3).hasPrefix("1 cell explained:\n"))
    #expect(ExplanationTable(cells: []).summary(strongest: 3) == "0 cells explained")
  }
}
