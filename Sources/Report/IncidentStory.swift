public import Telemetry

/// Why detectors alarmed in an incident, or what they saw of one that was missed.
public struct IncidentStory: Hashable, Sendable {
  /// What one detector says about one cell.
  public struct Voice: Hashable, Sendable {
    /// The detector's name.
    public var detector: String
    /// Its score there; from 1 on it alarms.
    public var score: Float
    /// What its score comes from, the strongest first, a line each.
    public var causes: [String]

    /// Makes a voice.
    public init(detector: String, score: Float, causes: [String]) {
      (self.detector, self.score, self.causes) = (detector, score, causes)
    }
  }

  /// A kind of log line that was much more or much less frequent than usual.
  public struct LogChange: Hashable, Sendable {
    /// The line with its variable parts masked, and its severity's name.
    public var text: String, level: String
    /// Lines in the stretch, and how many are usual in as long a time.
    public var lines: Int, usual: Double

    /// Whether training never saw such a line.
    public var isNew: Bool { usual == 0 }

    /// Makes a change.
    public init(text: String, level: String, lines: Int, usual: Double) {
      (self.text, self.level, self.lines, self.usual) = (text, level, lines, usual)
    }
  }

  /// The incident's id.
  public var incident: String
  /// The service that is looked at: the first that alarmed, else the one with the highest score.
  public var service: String
  /// The instant that is looked at: the first alarm, else the highest score.
  public var time: Timestamp
  /// The metric, or `logs`, that the loudest detector names first; nil when none can say.
  public var signal: String?
  /// The detectors by descending score.
  public var voices: [Voice]
  /// Log lines from the incident's start to its end, the most unusual first.
  public var logs: [LogChange]

  /// Makes a story.
  public init(
    incident: String, service: String, time: Timestamp, signal: String?, voices: [Voice],
    logs: [LogChange]
  ) {
    (self.incident, self.service, self.time) = (incident, service, time)
    (self.signal, self.voices, self.logs) = (signal, voices, logs)
  }
}

/// False alarms of one service that have the same main cause.
public struct FalseAlarmGroup: Hashable, Sendable {
  /// The service.
  public var service: String
  /// The metric, or `logs`, that is named first; nil when no detector can say.
  public var signal: String?
  /// How many there are.
  public var count: Int
  /// The instant of the strongest, its score, and what it came from.
  public var strongest: Timestamp, peak: Float, cause: String?

  /// Makes a group.
  public init(
    service: String, signal: String?, count: Int, strongest: Timestamp, peak: Float, cause: String?
  ) {
    (self.service, self.signal, self.count) = (service, signal, count)
    (self.strongest, self.peak, self.cause) = (strongest, peak, cause)
  }
}

/// How a metric's values in the test time differ from those of the training time.
public struct DriftRow: Hashable, Sendable {
  /// The service and its metric.
  public var service: String, metric: String
  /// Population stability index and Kolmogorov-Smirnov statistic.
  public var stabilityIndex: Double, kolmogorovSmirnov: Double
  /// Shares of cells without a value, in training and in the test.
  public var missingBefore: Double, missingNow: Double

  /// From this index on, by custom, a distribution has changed much.
  public static let strong = 0.25

  /// Makes a row.
  public init(
    service: String, metric: String, stabilityIndex: Double, kolmogorovSmirnov: Double,
    missingBefore: Double, missingNow: Double
  ) {
    (self.service, self.metric, self.stabilityIndex) = (service, metric, stabilityIndex)
    self.kolmogorovSmirnov = kolmogorovSmirnov
    (self.missingBefore, self.missingNow) = (missingBefore, missingNow)
  }
}
