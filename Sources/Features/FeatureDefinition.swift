public import Telemetry

/// Which features are computed; a version of its own, stored in every artifact.
///
/// Each service has *channels*: its metrics and what its logs say, one value per grid cell. Each
/// channel gives one feature for its current value and, for each window, the features of
/// `WindowStatistic`. All of them look back only.
public struct FeatureDefinition: Hashable, Sendable {
  /// The meaning of the statistics below; raised whenever any of them changes.
  public static let currentVersion = 1

  /// Version of the meaning.
  public var version = FeatureDefinition.currentVersion
  /// Distance between grid cells that the windows are counted in.
  public var interval: TimeSpan
  /// Trailing windows in grid cells, ascending, each at least 2.
  public var windows: [Int]
  /// How many of the commonest log templates of a service get a channel of their own.
  public var trackedTemplates: Int
  /// Whether logs are used at all.
  public var usesLogs: Bool
  /// Share of the fit window's cells in which a metric must be present to become a channel.
  public var minimumCoverage: Double

  /// Makes a definition.
  ///
  /// - Precondition: Windows ascend and are at least 2.
  public init(
    interval: TimeSpan, windows: [Int], trackedTemplates: Int = 8, usesLogs: Bool = true,
    minimumCoverage: Double = 0.1
  ) {
    precondition(
      !windows.isEmpty && windows.allSatisfy { $0 >= 2 }
        && zip(windows, windows.dropFirst()).allSatisfy(<),
      "windows \(windows) must ascend from 2")
    self.interval = interval
    self.windows = windows
    self.trackedTemplates = trackedTemplates
    self.usesLogs = usesLogs
    self.minimumCoverage = minimumCoverage
  }

  /// Cells of history that the longest window needs.
  public var historyLength: Int { windows[windows.count - 1] }

  /// Features per channel.
  public var featuresPerChannel: Int { 1 + windows.count * WindowStatistic.allCases.count }

  /// The features' names for a channel, in the order they are computed.
  public func featureNames(ofChannel channel: String) -> [String] {
    [channel]
      + windows.flatMap { window in
        WindowStatistic.allCases.map { "\($0.rawValue)(\(channel), \(interval * window))" }
      }
  }
}

/// What is computed over the values x of a trailing window that are present.
///
/// At least half of the window's cells must be present, or the value is missing.
public enum WindowStatistic: String, CaseIterable, Sendable {
  /// Arithmetic mean.
  case mean
  /// Population standard deviation.
  case deviation
  /// Smallest value.
  case minimum
  /// Largest value.
  case maximum
  /// Least-squares slope per window length: the change a straight line through the values makes
  /// from one end of the window to the other.
  case trend
  /// Current value less the mean.
  case excess
  /// Mean absolute difference of neighbouring cells.
  case roughness
}
