public import LogTemplates
public import Telemetry

/// Which features are computed; a version of its own, stored in every artifact.
///
/// Each service has *channels*: its metrics and what its logs say, one value per grid cell. Each
/// channel gives one feature for its current value and the selected ones of the catalogue; features
/// of the service as a whole follow, then those of its logs. All of them look back only.
public struct FeatureDefinition: Hashable, Sendable {
  /// The meaning of channels, scaling and the order of features; raised whenever any of them
  /// changes. Features have versions of their own.
  public static let currentVersion = 1
  /// The meaning when courses of the day are taken off channels, which a program that knows the first
  /// one only would not do.
  static let versionWithCourses = 2

  /// Version of the meaning.
  public var version = FeatureDefinition.currentVersion
  /// Distance between grid cells that the windows are counted in.
  public var interval: TimeSpan
  /// Trailing windows in grid cells that features are selected over unless they say otherwise,
  /// ascending, each at least 2.
  public let windows: [Int]
  /// The features, in order and without repetition: the default set first, as far as it is
  /// selected, then the catalogue's order.
  public let selected: [SelectedFeature]
  /// How many of the commonest log templates of a service get a channel of their own.
  public var trackedTemplates: Int
  /// Whether logs are used at all.
  public var usesLogs: Bool
  /// What has been masked in log lines; templates remember it.
  public var logMasks: LogMaskRules
  /// Share of the fit window's cells in which a metric must be present to become a channel.
  public var minimumCoverage: Double
  /// Whether the usual course of the day is taken off channels that have one.
  public var takesDailyCourse: Bool

  /// Makes a definition.
  ///
  /// - Parameter selected: The features; nil for the default set over all windows. The current
  ///   value, `robust_z`, is always among them.
  /// - Precondition: Windows ascend and are at least 2.
  public init(
    interval: TimeSpan, windows: [Int], selected: [SelectedFeature]? = nil,
    trackedTemplates: Int = 8, usesLogs: Bool = true, logMasks: LogMaskRules = LogMaskRules(),
    minimumCoverage: Double = 0.1, takesDailyCourse: Bool = false
  ) {
    precondition(
      !windows.isEmpty && windows.allSatisfy { $0 >= 2 }
        && zip(windows, windows.dropFirst()).allSatisfy(<),
      "windows \(windows) must ascend from 2")
    self.interval = interval
    self.windows = windows
    let defaults = FeatureSet.default.features(windows: windows)
    let chosen = Set(selected ?? defaults).union([SelectedFeature(.robustZ)])
    let others = chosen.subtracting(defaults).sorted {
      ($0.rank, $0.window ?? 0) < ($1.rank, $1.window ?? 0)
    }
    self.selected = defaults.filter(chosen.contains) + others
    self.trackedTemplates = trackedTemplates
    self.usesLogs = usesLogs
    self.logMasks = logMasks
    self.minimumCoverage = minimumCoverage
    self.takesDailyCourse = takesDailyCourse
  }

  /// Cells of history that the farthest-reaching feature needs, the current one included.
  public var historyLength: Int { selected.map(\.reach).max() ?? 1 }

  /// Whether exactly the default set is selected, in the first meaning of its features: what
  /// artifacts that list no features mean.
  var isFirstDefault: Bool {
    selected == FeatureSet.default.features(windows: windows)
      && selected.allSatisfy { $0.feature.version == 1 }
  }

  /// Whether any feature looks at what follows what in logs.
  var needsTransitions: Bool { selected.contains { $0.feature.needsTransitions } }

  /// The features that every channel gets, in order.
  public var channelFeatures: [SelectedFeature] {
    selected.filter { $0.feature.scope == .channel }
  }

  /// Features per channel.
  public var featuresPerChannel: Int { channelFeatures.count }

  /// The features' names for a channel, in the order they are computed.
  public func featureNames(ofChannel channel: String) -> [String] {
    channelFeatures.map { selected in
      if selected.feature == .robustZ { return channel }
      let window = selected.window.map { ", \(interval * $0)" } ?? ""
      return "\(selected.feature.rawValue)(\(channel)\(window))"
    }
  }
}

/// A named choice of features.
public enum FeatureSet: String, CaseIterable, Sendable {
  /// The current value and seven statistics of every window.
  case `default`
  /// The whole catalogue over every window.
  case full
  /// The current value alone, to which a configuration adds what it lists.
  case listed

  /// The features of the set.
  ///
  /// - Parameter windows: In grid cells, each at least 2.
  public func features(windows: [Int]) -> [SelectedFeature] {
    switch self {
    case .default:
      [SelectedFeature(.robustZ)]
        + windows.flatMap { window in
          CatalogueFeature.defaultStatistics.map { SelectedFeature($0, window: window) }
        }
    case .full:
      CatalogueFeature.allCases.flatMap { feature in
        feature.shortestWindow == nil
          ? [SelectedFeature(feature)] : windows.map { SelectedFeature(feature, window: $0) }
      }
    case .listed: [SelectedFeature(.robustZ)]
    }
  }
}

extension SelectedFeature {
  /// The feature's place in the catalogue.
  fileprivate var rank: Int { CatalogueFeature.allCases.firstIndex(of: feature) ?? 0 }
}
