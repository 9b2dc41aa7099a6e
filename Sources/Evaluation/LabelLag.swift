public import Telemetry

/// How a detector would look if all incidents had been recorded earlier or later.
///
/// A label that comes when somebody noticed, and ends when somebody closed the ticket, punishes the
/// detector that saw the incident itself. Where figures rise as labels move, it is the labels that
/// deserve a look. Nothing is chosen by this.
public struct LabelLag: Hashable, Sendable {
  /// By how much all incidents are moved; negative is earlier.
  public var shift: TimeSpan
  /// The average precision then; nil when no scored cell is in an incident.
  public var averagePrecision: Double?
  /// Incidents found then, and how many have a cell in the test time.
  public var found: Int, incidents: Int
}

extension LabelLag {
  /// Shifts in cells.
  private static let shifts = [-24, -12, -6, -3, -1, 0, 1, 3, 6, 12, 24]

  /// Judges a detector with all incidents moved by each of the shifts.
  static func sweep(
    _ detector: DetectorScores, incidents: [Incident], plan: EvaluationPlan
  ) -> [LabelLag] {
    let names = detector.services.map(\.service)
    return shifts.map { cells in
      let shift = plan.grid.interval * cells
      let moved = incidents.map { incident in
        var moved = incident
        moved.start = incident.start + shift
        moved.resolved = incident.resolved + shift
        return moved
      }
      let marks = CellMarks(names: names, incidents: moved, plan: plan)
      guard marks.testCells > 0, !marks.incidents.isEmpty else {
        return LabelLag(shift: shift, averagePrecision: nil, found: 0, incidents: 0)
      }
      var keys: [UInt32] = []
      for (service, cells) in zip(detector.services, marks.services) {
        for (score, mark) in zip(service.scores, cells) where mark.isRanked && !score.isNaN {
          keys.append(RankedCells.key(score: score, positive: mark.contains(.positive)))
        }
      }
      let found = marks.incidents.count { tested in
        tested.services.contains { service in
          tested.window.joined().contains {
            detector.services[service].scores[$0] >= alertBoundary
          }
        }
      }
      return LabelLag(
        shift: shift, averagePrecision: RankedCells(keys: keys).averagePrecision, found: found,
        incidents: marks.incidents.count)
    }
  }
}
