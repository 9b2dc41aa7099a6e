internal import Telemetry

/// Something about recorded incidents that makes figures mean less than they seem to.
public struct LabelFinding: Hashable, Sendable {
  /// What is odd.
  public enum Reason: String, Sendable, CaseIterable {
    /// Two incidents of one service overlap: one alarm finds both.
    case overlap
    /// A service is in incidents for so much of the test time that alarms find them by chance.
    case dense
    /// It is shorter than a cell.
    case short
    /// It was noticed before it began, or after it was over.
    case detectedOutside = "detected_outside"
    /// It begins or ends outside the data.
    case cutOff = "cut_off"
    /// Its service has no scores.
    case noScores = "no_scores"
    /// No detector's scores rise in it above what they reach in quiet stretches as long.
    case noSignal = "no_signal"
    /// Scores rise only after it was recorded as over.
    case lateSignal = "late_signal"
  }

  /// What is odd.
  public var reason: Reason
  /// The incidents concerned, in the order of their start.
  public var incidents: [String]
  /// One sentence with the figures, for people.
  public var text: String
}

extension LabelFinding {
  /// A service that is in incidents for more of the test time than this is no longer mostly well.
  private static let densest = 0.2
  /// Incidents of more services than this are not searched for a signal: some service always has one.
  private static let mostServices = 64

  /// Looks at the incidents of the test time, and at what all detectors say about them.
  ///
  /// - Parameter detectors: The rows whose scores may carry a signal; the same services in all.
  static func all(
    _ marks: CellMarks, detectors: [DetectorScores], plan: EvaluationPlan
  ) -> [LabelFinding] {
    overlaps(marks) + density(marks, names: detectors[0].services.map(\.service))
      + single(marks, plan: plan) + signals(marks, detectors: detectors, plan: plan)
  }

  private static func overlaps(_ marks: CellMarks) -> [LabelFinding] {
    let incidents = marks.incidents.map(\.incident)
    return incidents.indices.flatMap { index -> [LabelFinding] in
      let first = incidents[index]
      return incidents[(index + 1)...].filter {
        $0.start < first.resolved
          && ($0.service == nil || first.service == nil || $0.service == first.service)
      }.map {
        LabelFinding(
          reason: .overlap, incidents: [first.id, $0.id],
          text:
            "'\($0.id)' starts before '\(first.id)' is over: one alarm finds both; join them or "
            + "shorten the first")
      }
    }
  }

  private static func density(_ marks: CellMarks, names: [String]) -> [LabelFinding] {
    zip(names.indices, marks.services).compactMap { index, cells in
      let positive = cells.count { $0.contains([.test, .positive]) }
      let share = Double(positive) / Double(max(1, marks.testCells))
      guard share > densest else { return nil }
      return LabelFinding(
        reason: .dense,
        incidents: marks.incidents.filter { $0.services.contains(index) }.map(\.incident.id),
        text:
          "\(names[index]) is in incidents for \(Int((share * 100).rounded())) % of the test time: "
          + "alarms find them by chance; see the column for it")
    }
  }

  private static func single(_ marks: CellMarks, plan: EvaluationPlan) -> [LabelFinding] {
    marks.incidents.flatMap { tested -> [LabelFinding] in
      let incident = tested.incident
      var found: [LabelFinding] = []
      func note(_ reason: Reason, _ text: String) {
        found.append(LabelFinding(reason: reason, incidents: [incident.id], text: text))
      }
      let length = incident.resolved - incident.start
      if length < plan.grid.interval {
        note(
          .short,
          "'\(incident.id)' lasts \(length), less than a cell of \(plan.grid.interval): its "
            + "cell is mostly quiet")
      }
      if let detected = incident.detected, detected < incident.start || detected > incident.resolved
      {
        note(
          .detectedOutside,
          "'\(incident.id)' was detected at \(detected), outside of its time from "
            + "\(incident.start) to \(incident.resolved); correct one of them")
      }
      let range = plan.grid.range
      if incident.start < range.start || incident.resolved > range.end {
        note(
          .cutOff,
          "'\(incident.id)' is only partly in the data, which go from \(range.start) to "
            + "\(range.end)")
      }
      if tested.services.isEmpty {
        note(
          .noScores,
          "'\(incident.id)' names \(incident.service.map { "'\($0)'" } ?? "no service"), "
            + "which has no scores; it counts as missed")
      }
      return found
    }
  }

  private static func signals(
    _ marks: CellMarks, detectors: [DetectorScores], plan: EvaluationPlan
  ) -> [LabelFinding] {
    marks.incidents.compactMap { tested -> LabelFinding? in
      guard !tested.services.isEmpty, tested.services.count <= mostServices,
        let cells = tested.window.first, !cells.isEmpty
      else { return nil }
      let later = cells.upperBound..<min(plan.grid.count, cells.upperBound + cells.count)
      var (known, knownLater): ([Double], [Double]) = ([], [])
      for detector in detectors {
        for service in tested.services {
          let stretches = QuietStretches(
            detector.services[service].scores, marks.services[service], length: cells.count)
          if let share = stretches.share(atLeast: cells) { known.append(share) }
          // Only up to where something else begins.
          let quiet = later.prefix { marks.services[service][$0].isQuiet }.count
          if let share = stretches.share(atLeast: later.lowerBound..<later.lowerBound + quiet) {
            knownLater.append(share)
          }
        }
      }
      guard let rarest = known.min() else { return nil }
      let rarestLater = knownLater.min() ?? 1
      if rarest > 0.25, rarestLater <= 0.05 {
        return LabelFinding(
          reason: .lateSignal, incidents: [tested.incident.id],
          text:
            "scores rise only after '\(tested.incident.id)' was recorded as over: its times may be "
            + "too early")
      }
      guard rarest > 0.25 else { return nil }
      return LabelFinding(
        reason: .noSignal, incidents: [tested.incident.id],
        text: "no detector's scores rise in '\(tested.incident.id)' above what a quarter of quiet "
          + "stretches as long reach: the data may not show it, or its times are wrong")
    }
  }
}

/// The peaks of a service's quiet stretches of one length, side by side.
private struct QuietStretches {
  private let scores: [Float]
  private let peaks: [Float]

  init(_ scores: [Float], _ marks: [CellMark], length: Int) {
    self.scores = scores
    var peaks: [Float] = []
    var (count, peak) = (0, Float(0))
    for (score, mark) in zip(scores, marks) {
      guard mark.isQuiet, !score.isNaN else {
        (count, peak) = (0, 0)
        continue
      }
      (count, peak) = (count + 1, max(peak, score))
      guard count == length else { continue }
      peaks.append(peak)
      (count, peak) = (0, 0)
    }
    self.peaks = peaks.sorted()
  }

  /// The share of quiet stretches that reach the peak of some cells; nil when that is not known.
  func share(atLeast cells: Range<Int>) -> Double? {
    guard !peaks.isEmpty, let peak = scores[cells].filter({ !$0.isNaN }).max() else { return nil }
    return Double(peaks.count { $0 >= peak }) / Double(peaks.count)
  }
}
