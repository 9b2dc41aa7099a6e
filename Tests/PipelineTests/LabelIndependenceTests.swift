import Evaluation
import Ingest
import LSTM
import Pipeline
import Telemetry
import Testing

@Suite struct LabelIndependenceTests {
  private func sealed(_ dataset: Dataset) async throws -> (
    rows: [DetectorScores], seal: ThresholdSeal, digest: String
  ) {
    var configuration = PipelineConfiguration(
      name: "shop", reader: IngestConfiguration(interval: .minutes(5), sources: []))
    configuration.features.windows = [.minutes(30)]
    configuration.models.forecast?.network.hidden = 8
    configuration.models.forecast?.network.epochs = 2
    configuration.models.incidentMargin = .hours(1)
    // Absolute ranges, so that data may end later.
    let grid = smallSystem().grid
    func range(_ cells: Range<Int>) -> TimeRange {
      TimeRange(
        start: grid.timestamp(at: cells.lowerBound - 1),
        end: grid.timestamp(at: cells.upperBound - 1))
    }
    configuration.evaluation.split = .ranges(
      train: [range(1..<600)], calibration: [range(600..<850)], test: [range(850..<1000)])
    let model = try await Training(
      configuration: configuration, threads: 2, progress: { _ in })(dataset, digest: "digest")
    let found = try await JudgementStage(threads: 2, progress: { _ in })
      .sealedScores(model, dataset)
    return (found.rows, found.seal, model.calibrationDigest)
  }

  @Test func `labels of the test time change neither thresholds nor scores`() async throws {
    let dataset = smallSystem()
    var shifted = dataset
    for index in shifted.incidents.indices where shifted.incidents[index].id != "INC-0" {
      guard shifted.incidents[index].start >= dataset.grid.timestamp(at: 850) else { continue }
      shifted.incidents[index].start = shifted.incidents[index].start + .minutes(35)
      shifted.incidents[index].resolved = shifted.incidents[index].resolved + .minutes(65)
    }
    #expect(shifted.incidents != dataset.incidents)
    let (first, second) = (try await sealed(dataset), try await sealed(shifted))
    #expect(first.seal == second.seal)
    #expect(first.digest == second.digest)
    #expect(bits(first.rows, 1200) == bits(second.rows, 1200))
  }

  @Test func `data that comes later changes no score before it`() async throws {
    let dataset = smallSystem()
    var earlier = dataset
    earlier.grid.count = 1000
    for index in earlier.services.indices {
      let width = earlier.services[index].columns.count
      earlier.services[index].values.removeLast(200 * width)
      let logs = earlier.services[index].logs
      earlier.services[index].logs = logs.map {
        LogActivity(
          patterns: $0.patterns, counts: $0.counts.filter { $0.row < 1000 },
          recorded: Array($0.recorded.prefix(1000)))
      }
    }
    let (first, second) = (try await sealed(dataset), try await sealed(earlier))
    #expect(first.seal.boundaries == second.seal.boundaries)
    #expect(bits(first.rows, 1000) == bits(second.rows, 1000))
  }

  /// Scores by detector and service, NaN compared by pattern.
  private func bits(_ rows: [DetectorScores], _ count: Int) -> [String: [UInt32]] {
    var bits: [String: [UInt32]] = [:]
    for row in rows {
      for service in row.services {
        bits["\(row.name) of \(service.service)"] = service.scores.prefix(count).map(\.bitPattern)
      }
    }
    return bits
  }
}
