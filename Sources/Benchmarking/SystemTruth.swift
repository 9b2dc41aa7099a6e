internal import Evaluation
package import Telemetry

/// Which cells of a system are in an incident of any of its services.
package struct SystemTruth: Hashable, Sendable {
  /// Per cell, whether it is in an incident or within the tolerance after one.
  package var isIncident: [Bool]
  /// Per cell, whether it is in something that may be an incident and is judged neither way.
  package var isExcluded: [Bool]

  /// Marks the cells of incidents.
  ///
  /// - Parameter after: Cells after an incident's last one that count as its own.
  package init(_ incidents: [Incident], _ grid: TimeGrid, after tolerance: Int) {
    isIncident = Array(repeating: false, count: grid.count)
    isExcluded = isIncident
    for incident in incidents {
      let touched = grid.indices(
        touching: incident.start, incident.resolved + grid.interval * tolerance)
      for cell in touched {
        if incident.role == .incident { isIncident[cell] = true } else { isExcluded[cell] = true }
      }
    }
    for cell in isExcluded.indices where isIncident[cell] { isExcluded[cell] = false }
  }
}

/// The greatest score of each cell over all services; NaN where none has one.
package func greatest(of services: [[Float]]) -> [Float] {
  guard var greatest = services.first else { return [] }
  for scores in services.dropFirst() {
    for cell in greatest.indices where !(scores[cell] <= greatest[cell]) && !scores[cell].isNaN {
      greatest[cell] = scores[cell]
    }
  }
  return greatest
}
