internal import Telemetry

/// What the labels say about one cell of one service.
struct CellMark: OptionSet {
  let rawValue: UInt8
  /// The cell is evaluated.
  static let test = CellMark(rawValue: 1)
  /// The service is in an incident.
  static let positive = CellMark(rawValue: 2)
  /// An alarm finds an incident: one of the service, or within its tolerance.
  static let window = CellMark(rawValue: 4)
  /// An alarm is neither hit nor false alarm.
  static let neutral = CellMark(rawValue: 8)

  /// Whether the cell is evaluated.
  var isTest: Bool { contains(.test) }
  /// Whether an alarm here is false.
  var isQuiet: Bool { self == .test }
  /// Whether the cell takes part in ranking metrics.
  var isRanked: Bool { isQuiet || contains([.test, .positive]) }
}

/// An incident that is tested on, in cells.
struct TestIncident {
  let incident: Incident
  /// Indices of the services that it concerns and that have scores.
  let services: [Int]
  /// Test cells in which an alarm of these services finds it, in ascending order.
  let window: [Range<Int>]
  /// Whether it began before the test range that first shows it, so that its delay means nothing.
  let beganEarlier: Bool
}

/// Labels of all cells, and the incidents they come from.
struct CellMarks {
  /// Per service, [grid.count].
  let services: [[CellMark]]
  /// Cells of each service that are tested on.
  let testCells: Int
  /// Incidents of role `incident` with a test cell, in the order of their start.
  let incidents: [TestIncident]
  /// Incidents of any role with a test cell, in the order of their start.
  let listed: [Incident]

  init(names: [String], incidents: [Incident], plan: EvaluationPlan) {
    let grid = plan.grid
    let ranges = disjoint(plan.test.map { grid.indices(in: $0) })
    var base = [CellMark](repeating: [], count: grid.count)
    for cell in ranges.joined() { base[cell] = .test }
    var marks = [[CellMark]](repeating: base, count: names.count)
    var tested: [TestIncident] = []
    var listed: [Incident] = []
    for incident in incidents.sorted(by: { ($0.start, $0.id) < ($1.start, $1.id) }) {
      let own = grid.indices(touching: incident.start, incident.resolved)
      let zone = grid.indices(
        touching: incident.start - plan.toleranceBefore, incident.resolved + plan.toleranceAfter)
      let window = ranges.map { $0.clamped(to: zone) }.filter { !$0.isEmpty }
      let concerned = names.indices.filter { incident.concerns(names[$0]) }
      let first = ranges.first { $0.overlaps(own) }
      let isTested = first != nil && incident.role == .incident
      if let first {
        listed.append(incident)
        if isTested {
          let firstShown = grid.timestamp(at: first.lowerBound) - grid.interval
          tested.append(
            TestIncident(
              incident: incident, services: concerned, window: window,
              beganEarlier: incident.start < firstShown))
        }
      }
      for service in plan.collateral == .neutral ? Array(names.indices) : concerned {
        for cell in window.joined() { marks[service][cell].insert(.neutral) }
      }
      guard isTested else { continue }
      for service in concerned {
        for cell in window.joined() {
          marks[service][cell].insert(own.contains(cell) ? [.window, .positive] : .window)
        }
      }
    }
    services = marks
    testCells = ranges.reduce(0) { $0 + $1.count }
    self.incidents = tested
    self.listed = listed
  }
}

/// The union of ranges as ascending ranges without overlap; touching ones become one.
private func disjoint(_ ranges: [Range<Int>]) -> [Range<Int>] {
  var result: [Range<Int>] = []
  for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
    if let last = result.last, range.lowerBound <= last.upperBound {
      result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    } else {
      result.append(range)
    }
  }
  return result
}
