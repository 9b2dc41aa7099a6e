public import Signing
public import Telemetry

/// What a candidate has to reach to take the champion's place.
public struct GatePolicy: Hashable, Sendable {
  /// A figure that policies name.
  public enum Figure: String, Sendable, CaseIterable {
    /// Volume under the precision-recall surface, mean over services with an incident.
    case vusPrecisionRecall = "vus_pr"
    /// Average precision over all services' cells.
    case averagePrecision = "average_precision"
    /// The share of incidents found.
    case recall
    /// The share of notifications that touch an incident.
    case precision
    /// The harmonic mean of both.
    case eventF1 = "event_f1"
    /// False alarms per service and day of quiet time.
    case falseAlarms = "false_alarms_per_service_day"
    /// Seconds from an incident's start to its first alarm, the median.
    case medianDelay = "median_delay"
    /// The share of the scored test time in alert.
    case timeInAlert = "time_in_alert"

    /// Whether a smaller value is the better one.
    public var isLowerBetter: Bool {
      switch self {
      case .falseAlarms, .medianDelay, .timeInAlert: true
      default: false
      }
    }

    /// The figures that are compared in pairs, over incidents drawn again.
    public var isPaired: Bool { self != .medianDelay && self != .timeInAlert }
  }

  /// Parts of the incidents in which a loss must not hide.
  public struct Slices: Hashable, Sendable {
    /// What incidents are divided by.
    public var dimensions = ["service", "kind"]
    /// Parts with fewer incidents are not judged.
    public var leastIncidents = 3
    /// Incidents of a part that the baseline found, and that may be lost on balance.
    public var lost = 0

    /// Makes the default rule.
    public init() {}
  }

  /// How far metrics may have drifted since the candidate's training.
  public struct Drift: Hashable, Sendable {
    /// A metric beyond this population stability index has drifted.
    public var stabilityIndex = 0.25
    /// So has one beyond this Kolmogorov-Smirnov statistic.
    public var kolmogorovSmirnov = 0.5
    /// The share of metrics that may have.
    public var share = 0.2

    /// Makes the default rule.
    public init() {}
  }

  /// Whose signatures the candidate must have.
  public enum SignatureRule: Hashable, Sendable {
    /// As the trust policy says that models are read with anyway.
    case trusted
    /// As a policy of the gate's own says.
    case signers(TrustPolicy)
  }

  /// With fewer incidents in the common test time nothing is concluded.
  public var leastIncidents = 5
  /// What the candidate itself must reach: a floor, or of figures that should be small a ceiling.
  public var floors: [Figure: Double] = [:]
  /// How much worse than the baseline is still as good, in each figure's unit.
  public var tolerances: [Figure: Double] = [.averagePrecision: 0.02, .recall: 0.1]
  /// Parts that are looked at by themselves; nil looks at none.
  public var slices: Slices? = Slices()
  /// Bytes that the artifact's files may have together.
  public var artifactBytes: Int?
  /// Microseconds that scoring a row of one service may take, the mean.
  public var microsecondsPerRow: Double?
  /// Drift that is allowed; nil does not look.
  public var drift: Drift?
  /// Whether the candidate must have a golden sample. One that is there must always be met.
  public var needsGoldenSample = true

  /// Signatures that the candidate must have; nil asks for none.
  public var signature: SignatureRule?
  /// The time that must be left between the end of the data and the candidate's expiry; nil does not ask
  /// when it expires.
  public var leastLifetime: TimeSpan?

  /// Makes the default policy.
  public init() {}
}
