package import Evaluation
package import Ingest
package import Telemetry

extension LogComparison {
  /// Compares on a dataset by a protocol.
  ///
  /// - Parameters:
  ///   - metrics: The rows of detectors of metrics.
  ///   - logs: What the detector of logs said.
  ///   - incidents: Those of services are sought.
  ///   - truth: Which cells are in any of them.
  ///   - cells: The test's cells.
  package init(
    _ rules: BenchmarkProtocol, metrics: [DetectorScores], logs: LogScores,
    incidents: [Incident], truth: SystemTruth, dataset: Dataset, cells: [Int]
  ) {
    let grid = dataset.grid
    var isTested = Array(repeating: false, count: grid.count)
    for cell in cells { isTested[cell] = true }
    var isRecorded = Array(repeating: false, count: grid.count)
    for recorded in LogScores.recorded(dataset).values {
      for cell in recorded.indices where recorded[cell] { isRecorded[cell] = true }
    }
    // What was learnt from is no sample.
    for cell in rules.logTraining.map({ grid.indices(in: $0) }) ?? 0..<0 {
      isRecorded[cell] = false
    }
    let isQuiet = isTested.indices.map {
      isTested[$0] && !truth.isIncident[$0] && !truth.isExcluded[$0]
    }
    self.init(
      metrics: metrics.map { row in
        (
          row.name,
          Dictionary(
            row.services.map { ($0.service, $0.scores) }, uniquingKeysWith: { first, _ in first })
        )
      },
      logs: logs,
      sought: incidents.compactMap { incident in
        guard incident.role == .incident, let service = incident.service else { return nil }
        let later = incident.resolved + grid.interval * rules.toleranceAfter
        return SoughtIncident(
          id: incident.id, service: service, kind: incident.kind,
          metricCells: grid.indices(touching: incident.start, later).filter { isTested[$0] },
          logCells: grid.indices(touching: incident.start, incident.resolved).filter {
            isTested[$0] && isRecorded[$0]
          })
      },
      isQuiet: isQuiet, isQuietForLogs: isQuiet.indices.map { isQuiet[$0] && isRecorded[$0] })
  }
}
