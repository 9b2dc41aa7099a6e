internal import Telemetry

/// Cells of some ranges that no incident of a service touches.
struct CellMask {
  /// Per grid cell.
  let isIncluded: [Bool]

  /// Makes the mask of one service.
  ///
  /// - Parameter margin: Time on both sides of an incident that is left out too.
  init(
    _ ranges: [TimeRange], service: String, grid: TimeGrid, incidents: [Incident],
    margin: TimeSpan
  ) {
    var cells = Array(repeating: false, count: grid.count)
    for range in ranges {
      for index in grid.indices(in: range) { cells[index] = true }
    }
    for incident in incidents where incident.concerns(service) {
      let touched = grid.indices(
        touching: incident.start - margin, incident.resolved + margin)
      for index in touched { cells[index] = false }
    }
    isIncluded = cells
  }
}
