public import Telemetry

/// One notification that a detector would have sent.
public struct AlarmNotification: Hashable, Sendable {
  /// What a notification is worth, see `EventResult`.
  public enum Verdict: String, Sendable, CaseIterable {
    /// It touches the window of an incident of its service.
    case hit
    /// It touches nothing.
    case falseAlarm = "false_alarm"
    /// It lies in what is not judged only.
    case ignored
  }

  /// The service that alarmed.
  public var service: String
  /// The instants of its first and last alarmed cell.
  public var start: Timestamp, end: Timestamp
  /// The highest score, and the instant of its cell.
  public var peak: Float, peakTime: Timestamp
  /// What it is worth.
  public var verdict: Verdict
}

extension AlarmNotification {
  /// All notifications of a detector, by service, then by time.
  static func list(
    _ detector: DetectorScores, marks: CellMarks, plan: EvaluationPlan
  ) -> [AlarmNotification] {
    let (grid, longest) = (plan.grid, plan.notificationCells)
    return zip(detector.services, marks.services).flatMap { service, marks in
      notifications(service.scores, marks, longest: longest).map { found in
        let cells = (found.start..<min(found.start + longest, marks.count)).prefix {
          service.scores[$0] >= alertBoundary && marks[$0].contains(.test)
        }
        let peak = cells.max { (service.scores[$0], $1) < (service.scores[$1], $0) } ?? found.start
        return AlarmNotification(
          service: service.service, start: grid.timestamp(at: found.start),
          end: grid.timestamp(at: cells.last ?? found.start), peak: service.scores[peak],
          peakTime: grid.timestamp(at: peak),
          verdict: found.isHit ? .hit : found.isFalse ? .falseAlarm : .ignored)
      }
    }
  }
}
