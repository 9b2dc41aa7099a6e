internal import Telemetry

/// The part of a dataset's time and labels that training and calibration may know.
///
/// Incidents that lie in the test time alone are not in it, so that no later stage of fitting can
/// look at them.
struct FittingTime: Sendable {
  private let grid: TimeGrid
  private let split: Split
  private let incidents: [Incident]
  private let margin: TimeSpan
  private let lookBack: Int

  /// Takes what may be known out of a dataset.
  ///
  /// - Parameters:
  ///   - margin: Time on both sides of an incident that is not fitted on either.
  ///   - lookBack: Cells that the longest window reaches back, the current one included.
  init(_ dataset: Dataset, split: Split, margin: TimeSpan, lookBack: Int) {
    grid = dataset.grid
    (self.split, self.margin, self.lookBack) = (split, margin, lookBack)
    let known = Self.cells(of: split.train + split.calibration, dataset.grid)
    incidents = dataset.incidents.filter { incident in
      dataset.grid.indices(touching: incident.start, incident.resolved).contains { known[$0] }
    }
  }

  /// Per cell, whether a service's values may be looked at while fitting at all: neither those of
  /// the test time nor those of an incident, which a recurrent network would remember for longer
  /// than any window.
  func visible(of service: String) -> [Bool] {
    var cells = known
    for incident in incidents where incident.concerns(service) {
      for index in grid.indices(touching: incident.start - margin, incident.resolved + margin) {
        cells[index] = false
      }
    }
    return cells
  }

  private var known: [Bool] { Self.cells(of: split.train + split.calibration, grid) }

  /// Per cell, whether a service's models are fitted on it.
  func training(of service: String) -> [Bool] { usable(split.train, service) }

  /// Per cell, whether a service's thresholds are fixed on it.
  func calibration(of service: String) -> [Bool] { usable(split.calibration, service) }

  /// Cells of the ranges whose windows lie within known time and hold no incident of the service.
  private func usable(_ ranges: [TimeRange], _ service: String) -> [Bool] {
    var cells = Self.cells(of: ranges, grid)
    let known = known
    var run = 0
    for index in cells.indices {
      run = known[index] ? run + 1 : 0
      if run < lookBack { cells[index] = false }
    }
    let reach = grid.interval * (lookBack - 1)
    for incident in incidents where incident.concerns(service) {
      let touched = grid.indices(
        touching: incident.start - margin, incident.resolved + margin + reach)
      for index in touched { cells[index] = false }
    }
    return cells
  }

  private static func cells(of ranges: [TimeRange], _ grid: TimeGrid) -> [Bool] {
    var cells = Array(repeating: false, count: grid.count)
    for range in ranges {
      for index in grid.indices(in: range) { cells[index] = true }
    }
    return cells
  }
}

extension ServiceFrame {
  /// The frame with every other cell missing: what fitting may see.
  func limited(to visible: [Bool]) -> ServiceFrame {
    var frame = self
    for row in visible.indices where !visible[row] {
      for index in row * columns.count..<(row + 1) * columns.count { frame.values[index] = .nan }
      frame.logs?.recorded[row] = false
    }
    return frame
  }
}
