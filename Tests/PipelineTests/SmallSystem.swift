import Diagnostics
import Ingest
import Pipeline
import Telemetry

/// Two services with a daily rhythm, logs, and incidents in each part of their time line.
func smallSystem(seed: UInt64 = 1) -> Dataset {
  let grid = TimeGrid(first: Timestamp(seconds: 300), interval: .minutes(5), count: 1200)
  var state = seed
  func noise() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53 - 0.5
  }
  let incidents = [(100, 112), (700, 712), (900, 920), (1100, 1120)].enumerated().map {
    index, cells in
    Incident(
      id: "INC-\(index)", service: index % 2 == 0 ? "cart" : "payment", kind: "saturation",
      start: grid.timestamp(at: cells.0), resolved: grid.timestamp(at: cells.1))
  }
  let services = ["cart", "payment"].map { name in
    var values: [Double] = []
    var lines: [LogActivity.Count] = []
    for row in 0..<grid.count {
      let time = grid.timestamp(at: row)
      let unwell = incidents.contains {
        $0.concerns(name) && time > $0.start && time <= $0.resolved
      }
      let load = 50 + 20 * triangle(row % 288) + 3 * noise()
      values += [load, load / 2 + noise() + (unwell ? 40 : 0), row % 97 == 0 ? .nan : 3 + noise()]
      lines.append(LogActivity.Count(row: row, pattern: 0, lines: 10 + row % 4))
      if unwell || row % 50 == 0 {
        lines.append(LogActivity.Count(row: row, pattern: 1, lines: unwell ? 12 : 1))
      }
    }
    let patterns = [
      LogPattern(text: "GET /orders took <num> ms", level: .info),
      LogPattern(text: "queue of <num> jobs is full", level: .error),
    ]
    return ServiceFrame(
      service: name,
      columns: ["requests", "cpu", "queue"].map { MetricColumn(name: $0, kind: .gauge) },
      values: values,
      logs: LogActivity(
        patterns: patterns, counts: lines, recorded: Array(repeating: true, count: grid.count)))
  }
  return Dataset(grid: grid, services: services, incidents: incidents)
}

private func triangle(_ step: Int) -> Double { abs(Double(step) / 144 - 1) }

/// A configuration that trains on the small system within a second.
///
/// - Parameter forest: A further option of its isolation forests.
func smallConfiguration(forest: String = "") throws -> PipelineConfiguration {
  try PipelineConfiguration(
    ConfigurationNode(
      parsing: """
        name: small
        seed: 5
        reader: {interval: 5m, sources: [{type: prometheus, path: none.json}]}
        features: {windows: [30m, 2h]}
        models:
          isolation_forest: {trees: 25, subsample: 64\(forest.isEmpty ? "" : ", " + forest)}
          lstm: {hidden: 8, epochs: 4, smoothing: 3}
          false_alarm_rate: 0.01
        evaluation: {split: {fractions: {train: 0.5, calibration: 0.2}}, tolerance_after: 5m}
        """, file: "small.yaml", environment: [:]), folder: ".")
}

func train(_ dataset: Dataset, threads: Int = 1) async throws -> TrainedModel {
  try await Training(
    configuration: smallConfiguration(), threads: threads, progress: { _ in }
  )(dataset, digest: "digest")
}
