import Benchmarking
import LogRequests
import Foundation
import Ingest
import LogTemplates
import Models
import Pipeline
import Telemetry
import Testing

private let quiet = [true, true, true, true, false, false]

@Suite struct QuietSamplesTests {
  @Test func `a threshold leaves its share of the quiet samples in alarm`() {
    let samples = QuietSamples(
      ["a": [1, 2, 3, .nan, 9, 9], "b": [5, 6, 7, 8, 5.5, 0]], isQuiet: quiet)
    // Cells of incidents and cells without a score are no quiet samples.
    #expect(samples.count == 7)
    #expect(samples.limit(0) == 8 && samples.limit(0.15) == 7 && samples.limit(0.3) == 6)
    #expect(samples.limit(1) == -.infinity)
    #expect(samples.alarms("a", in: [4], quietShare: 0))
    #expect(!samples.alarms("b", in: [4, 5], quietShare: 0.3))
    #expect(samples.alarms("b", in: [4, 5], quietShare: 0.45))
    #expect(!samples.alarms("unknown", in: [4], quietShare: 1))
    #expect(samples.alarmedCells(quietShare: 0) == 0)
    #expect(samples.alarmedCells(quietShare: 0.3) == 2)
  }

  @Test func `equal scores do not alarm beyond the budget`() {
    let samples = QuietSamples(["a": [0, 0, 0, 0, 0, 0]], isQuiet: quiet)
    #expect(samples.limit(0.5) == 0 && !samples.alarms("a", in: [4, 5], quietShare: 0.5))
  }

  @Test(arguments: [0, 0.25, 0.5, 0.75]) func `the chance of random scores is that of all orders`(
    _ share: Double
  ) {
    // Four quiet samples and two of an incident, in all 720 orders.
    var (silent, all) = (0, 0)
    func visit(_ order: [Float], _ left: [Float]) {
      guard !left.isEmpty else {
        let samples = QuietSamples(["a": order], isQuiet: quiet)
        all += 1
        if !samples.alarms("a", in: [4, 5], quietShare: share) { silent += 1 }
        return
      }
      for index in left.indices {
        var rest = left
        visit(order + [rest.remove(at: index)], rest)
      }
    }
    visit([], [1, 2, 3, 4, 5, 6])
    let chance = QuietSamples(["a": [0, 0, 0, 0, 0, 0]], isQuiet: quiet)
      .chanceOfSilence("a", in: [4, 5], quietShare: share)
    #expect(all == 720)
    #expect(abs(chance - Double(silent) / 720) < 1e-12)
  }
}

@Suite struct LogComparisonTests {
  private func score(_ broken: Int) -> RequestInvariantScore {
    RequestInvariantScore(
      requests: 8, broken: broken,
      violations: broken > 0 ? [.init(invariant: 0, requests: broken)] : [])
  }

  private func comparison(metrics: [Float], logs: [Int?]) -> LogComparison {
    let dictionary = TemplateMiner.mine([
      LogPattern(text: "a.B#1 first", level: .info), LogPattern(text: "a.B#2 last", level: .info),
    ]).dictionary
    let model = RequestInvariantModel(
      dictionary: dictionary,
      invariants: RequestInvariants(pairs: [
        RequestInvariants.Pair(first: 0, second: 1, firstFactor: 1, secondFactor: 1)
      ]))
    return LogComparison(
      metrics: [("lstm", ["a": metrics])],
      logs: LogScores(models: ["a": model], cells: ["a": logs.map { $0.map(score) }]),
      sought: [
        SoughtIncident(id: "1", service: "a", kind: "return", metricCells: [4], logCells: [4]),
        SoughtIncident(id: "2", service: "a", kind: "cpu", metricCells: [5], logCells: []),
      ],
      isQuiet: quiet, isQuietForLogs: [false, true, true, true, false, false])
  }

  @Test func `logs and metrics find incidents with thresholds of their own`() throws {
    let comparison = comparison(metrics: [1, 2, 1, 2, 0, 3], logs: [nil, 0, 1, 0, 2, nil])
    let row = try #require(comparison.rows.first)
    #expect(row.alone == 1 && row.withLogs == 2 && row.byKind == [1, 1])
    #expect(comparison.kinds.map(\.name) == ["cpu", "return"])
    #expect(comparison.logsAlone == 1 && comparison.logsWithHalf == 1)
    #expect(comparison.quietMetricSamples == 4 && comparison.quietLogSamples == 3)
    #expect(comparison.findings.map(\.isFound) == [true, false])
    let found = comparison.findings[0]
    #expect(found.broken == 2 && found.requests == 8 && found.cells == 1)
    #expect(found.first?.contains("a.B#1") == true && found.second?.contains("a.B#2") == true)
  }

  @Test func `that logs are there finds nothing`() {
    let comparison = comparison(metrics: [1, 2, 1, 2, 0, 0], logs: [nil, 0, 0, 0, 0, nil])
    #expect(comparison.logsAlone == 0)
    #expect(comparison.rows.map(\.name).last == "random, of both kinds")
    // Random scores find the one with a sample among four with a chance of a quarter.
    #expect(abs(comparison.randomLogsAlone - 0.25) < 1e-12)
  }

  @Test func `the report says what rests on what`() {
    let text = comparison(metrics: [1, 2, 1, 2, 0, 3], logs: [nil, 0, 1, 0, 2, nil]).markdown()
    #expect(text.contains("| lstm | 0.500 | 1.000 | 1 | 1 |"), "\(text)")
    #expect(text.contains("| 1 | a | return | yes | 2 of 8 | `a.B#1 first` and `a.B#2 last` |"))
    #expect(text.contains("| 2 | a | cpu | no | 0 of 0 | – |"))
  }
}

private let root =
  (ProcessInfo.processInfo.environment["AUTOPILOT_DATASETS"]
    ?? URL(filePath: #filePath).appending(path: "../../../../shared/datasets").standardized.path)
  + "/nezha-trainticket"

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: root),
    "needs nezha-trainticket in the folder that AUTOPILOT_DATASETS names"))
struct PublicRequestTests {
  /// docs/benchmarks.md has the figures; a prototype in Python found the same faults.
  @Test func `requests that lack lines tell of wrong return values`() throws {
    let rules = try #require(BenchmarkProtocol(.nezhaTrainTicket))
    let reader = IngestConfiguration(interval: .minutes(1), sources: [.trainTicket(path: root)])
    let dataset = try ingest(reader)
    let training = dataset.grid.indices(in: try #require(rules.logTraining))
    #expect(training.count == 3)
    let recorded = LogScores.recorded(dataset)
    #expect(recorded.values.allSatisfy { flags in training.allSatisfy { flags[$0] } })
    let logs = LogScores(
      try LogScores.tracedLogs(reader), recorded: recorded, grid: dataset.grid, training: training)
    let split = try rules.split.split(dataset.grid, publishedTestStart: nil)
    let comparison = LogComparison(
      rules, metrics: [], logs: logs, incidents: dataset.incidents,
      truth: SystemTruth(dataset.incidents, dataset.grid, after: rules.toleranceAfter),
      dataset: dataset, cells: split.test.flatMap { Array(dataset.grid.indices(in: $0)) })
    #expect(comparison.incidents == 28 && comparison.quietCells == 12)
    #expect(comparison.logsAlone == 19 && comparison.logsWithHalf == 18)
    #expect(comparison.logsWithoutFalseAlarm == 3)
    #expect(comparison.findings.count { $0.kind == "return" && $0.isFound } == 11)
    #expect(comparison.randomLogsAlone < 4)
  }
}
