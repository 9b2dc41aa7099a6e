/// What the alarms of a detector would find if they came at other times: the yardstick for recall.
///
/// All alarms are shifted together along the test time, circularly, by every whole number of
/// cells. That keeps the time in alert, the length of alarms and what services alarm at once, and
/// only takes away when. Alarms scattered cell by cell with the same time in alert would be the
/// simpler reference, 1 − (1 − p)ᵏ for an incident of k cells at a share p; but they touch far more
/// incidents than the runs that detectors raise, and would make a good detector look like chance.
public struct ChanceRecall: Hashable, Sendable {
  /// The mean share of incidents found over all shifts, within 0...1.
  public var recall: Double
  /// The share of shifts that find at least as many incidents as the detector did, within 0...1:
  /// the p-value of its recall. The shift by nothing is one of them.
  public var probability: Double

  /// Shifts the alarms of a detector that found `found` incidents.
  ///
  /// - Complexity: O(n (s + i)) for n test cells, s services and i incidents.
  init(_ detector: DetectorScores, marks: CellMarks, found: Int) {
    let count = marks.testCells
    // Cells before each one that are tested on: the place of a cell in the test time.
    var places = [0]
    for mark in marks.services[0] {
      places.append(places[places.count - 1] + (mark.isTest ? 1 : 0))
    }
    var sums: [[Int]: [Int32]] = [:]
    var finds = [Int32](repeating: 0, count: count)
    for tested in marks.incidents {
      guard let first = tested.window.first, let last = tested.window.last else { continue }
      let services = tested.services
      let alarms = sums[services] ?? alarmSums(of: services.map { detector.services[$0] }, marks)
      sums[services] = alarms
      let length = places[last.upperBound] - places[first.lowerBound]
      for shift in 0..<count {
        let start = (places[first.lowerBound] + shift) % count
        if alarms[start + length] > alarms[start] { finds[shift] += 1 }
      }
    }
    let total = finds.reduce(0) { $0 + Int($1) }
    recall = Double(total) / Double(count * max(1, marks.incidents.count))
    probability = Double(finds.count { Int($0) >= found }) / Double(count)
  }

  /// Makes the figures from their values.
  public init(recall: Double, probability: Double) {
    (self.recall, self.probability) = (recall, probability)
  }
}

/// Running sums, over the test time twice in a row, of the cells in which any service alarms.
private func alarmSums(of services: [ServiceScores], _ marks: CellMarks) -> [Int32] {
  var alarms: [Bool] = []
  for (cell, mark) in marks.services[0].enumerated() where mark.isTest {
    alarms.append(services.contains { $0.scores[cell] >= alertBoundary })
  }
  var sums: [Int32] = [0]
  sums.reserveCapacity(2 * alarms.count + 1)
  for isAlarm in alarms + alarms { sums.append(sums[sums.count - 1] + (isAlarm ? 1 : 0)) }
  return sums
}
