/// One service's calibrated scores on a grid.
///
/// A score is at least 0 and finite, and from 1 on it is an alarm. NaN says that the detector had
/// no score for a cell: it was warming up, or data was missing.
public struct ServiceScores: Hashable, Sendable {
  /// The service's name.
  public var service: String
  /// [grid.count]; NaN where there is no score.
  public var scores: [Float]

  /// Makes the scores of a service.
  public init(service: String, scores: [Float]) {
    (self.service, self.scores) = (service, scores)
  }
}

/// What one detector says about every service.
public struct DetectorScores: Hashable, Sendable {
  /// The detector's name, unique within an evaluation.
  public var name: String
  /// The same services for all detectors of an evaluation, in any order.
  public var services: [ServiceScores]

  /// Makes the scores of a detector.
  public init(name: String, services: [ServiceScores]) {
    (self.name, self.services) = (name, services)
  }
}

/// The score from which on a cell is an alarm.
public let alertBoundary: Float = 1
