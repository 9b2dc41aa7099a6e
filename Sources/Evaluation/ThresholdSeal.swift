public import Telemetry

/// Proof that alert boundaries were fixed, and what they were fixed on.
///
/// Whoever calibrates makes one; labels of the test time open with nothing else.
public struct ThresholdSeal: Hashable, Sendable {
  /// The raw score at which a detector begins to alarm: what became the calibrated 1.
  public struct Boundary: Hashable, Sendable {
    /// The detector's name.
    public var detector: String
    /// The service it holds for; nil for all.
    public var service: String?
    /// In the detector's own unit; infinite for one that never alarms.
    public var value: Double

    /// Makes a boundary.
    public init(detector: String, service: String? = nil, value: Double) {
      (self.detector, self.service, self.value) = (detector, service, value)
    }
  }

  /// The boundaries, at least one for each detector to be evaluated.
  public let boundaries: [Boundary]
  /// The time that fitting and calibration have seen; none of it may be tested on.
  public let seen: [TimeRange]
  /// Digest of all that calibration read.
  public let digest: String

  /// Seals boundaries.
  ///
  /// - Parameters:
  ///   - boundaries: The output of calibration.
  ///   - seen: The time ranges of the data that fitting and calibration read.
  ///   - digest: Identifies that data and the configuration, such as a SHA-256 in hexadecimal.
  /// - Throws: `EvaluationError.invalidSeal` without boundaries, for NaN, and without a digest.
  public init(
    boundaries: [Boundary], seen: [TimeRange], digest: String
  ) throws(EvaluationError) {
    guard !boundaries.isEmpty else { throw .invalidSeal("it fixes no boundary") }
    guard !digest.isEmpty else { throw .invalidSeal("the digest of its inputs is missing") }
    if let bad = boundaries.first(where: { $0.value.isNaN }) {
      throw .invalidSeal("the boundary of detector '\(bad.detector)' is not a number")
    }
    (self.boundaries, self.seen, self.digest) = (boundaries, seen, digest)
  }
}

/// Incidents that nobody can read before boundaries are fixed.
public struct SealedLabels: Sendable {
  private let incidents: [Incident]

  /// Seals incidents.
  public init(_ incidents: [Incident]) { self.incidents = incidents }

  /// Opens the labels for good; the seal goes with them, so that every result names it.
  public func open(with seal: ThresholdSeal) -> OpenedLabels {
    OpenedLabels(incidents: incidents, seal: seal)
  }
}

/// Incidents together with the seal that opened them; only `SealedLabels` can make them.
public struct OpenedLabels: Hashable, Sendable {
  /// The incidents, as they were sealed.
  public let incidents: [Incident]
  /// What was fixed before they were read.
  public let seal: ThresholdSeal

  fileprivate init(incidents: [Incident], seal: ThresholdSeal) {
    (self.incidents, self.seal) = (incidents, seal)
  }
}
