import Foundation
import Pipeline
import Storage
import Telemetry

/// A folder for one test, removed with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/tuning-\(UUID().uuidString)"
    try FileSystem.createDirectories(at: path)
  }

  deinit { try? FileSystem.removeTree(at: path) }

  func write(_ name: String, _ text: String) throws -> String {
    try FileSystem.writeFileAtomically(Array(text.utf8), to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }
}

/// Where the parts of the small system begin: fit time up to 840, test from there on.
let smallGrid = TimeGrid(first: Timestamp(seconds: 300), interval: .minutes(5), count: 1200)
/// Cells of its incidents.
let smallIncidents = [100..<112, 560..<572, 640..<652, 760..<772, 900..<920, 1100..<1120]

/// Two services with a daily rhythm, logs and incidents.
///
/// - Parameter later: Added to everything from the test on, to show that nothing looks at it.
func smallSystem(later: Double = 0, incidents cells: [Range<Int>] = smallIncidents) -> Dataset {
  var state: UInt64 = 1
  func noise() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53 - 0.5
  }
  let incidents = cells.enumerated().map { index, cells in
    Incident(
      id: "INC-\(index)", service: index % 2 == 0 ? "cart" : "pay", kind: "saturation",
      start: smallGrid.timestamp(at: cells.lowerBound - 1),
      resolved: smallGrid.timestamp(at: cells.upperBound - 1))
  }
  let services = ["cart", "pay"].map { name in
    var values: [Double] = []
    var lines: [LogActivity.Count] = []
    for row in 0..<smallGrid.count {
      let unwell = zip(cells, incidents).contains { $0.contains(row) && $1.concerns(name) }
      let load = 50 + 20 * abs(Double(row % 288) / 144 - 1) + 3 * noise()
      let shift = row >= 840 ? later : 0
      values += [load + shift, load / 2 + noise() + (unwell ? 15 : 0) - shift]
      lines.append(LogActivity.Count(row: row, pattern: 0, lines: 10 + row % 4 + Int(shift)))
      if row >= 840, later != 0 {
        lines.append(LogActivity.Count(row: row, pattern: 1, lines: 1))
      }
    }
    return ServiceFrame(
      service: name, columns: ["requests", "cpu"].map { MetricColumn(name: $0, kind: .gauge) },
      values: values,
      logs: LogActivity(
        patterns: [
          LogPattern(text: "GET /orders took <num> ms", level: .info),
          LogPattern(text: later == 0 ? "never seen" : "seen too late", level: .error),
        ], counts: lines, recorded: Array(repeating: true, count: smallGrid.count)))
  }
  return Dataset(grid: smallGrid, services: services, incidents: incidents)
}

let smallConfiguration = """
  name: small
  seed: 5
  reader: {interval: 5m, sources: [{type: prometheus, path: none.json}]}
  features: {windows: [30m, 1h]}
  models:
    isolation_forest: {trees: 20, subsample: 64}
    lstm: {enabled: false}
    false_alarm_rate: 0.01
  evaluation: {split: {fractions: {train: 0.5, calibration: 0.2}}, tolerance_after: 5m}

  """

let smallSpace = """
  models.isolation_forest.trees: {choice: [10, 20, 40]}
  models.isolation_forest.subsample: {integer: [16, 128]}
  models.false_alarm_rate: {log_uniform: [0.001, 0.05]}
  features.windows: {choice: [[30m, 1h], [30m, 2h]]}

  """
