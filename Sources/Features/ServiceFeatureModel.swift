public import LinearAlgebra
internal import LogTemplates
public import Telemetry

/// What is known about one service's features, fitted on its training cells alone.
public struct ServiceFeatureModel: Hashable, Sendable {
  /// The service.
  public var service: String
  /// Metric columns that are channels, in order.
  public var metricColumns: [String]
  /// What the values of these columns were in training, [metricColumns]: a counter's are rates.
  public var metricKinds: [MetricKind]
  /// What is read from the service's logs, if anything.
  public var logs: LogChannels?
  /// Location and scale per channel, [channels].
  public var channelScaling: [RobustSummary]
  /// Usual courses of the day of the scaled channels, which everything else is computed without,
  /// [channels], nil for none; empty when no channel has one.
  public var courses: [DailyCourse?]
  /// Days and weeks of the scaled channels, [channels]; empty when no feature needs them.
  public var seasons: [SeasonalProfile]
  /// What is usual in the logs; nil when no feature needs it.
  public var logProfile: LogProfile?
  /// Location and scale per feature of the scaled channels, [features]; empty while fitting.
  public var featureScaling: [RobustSummary]

  /// Makes a model from its parts.
  public init(
    service: String, metricColumns: [String], metricKinds: [MetricKind], logs: LogChannels?,
    channelScaling: [RobustSummary], courses: [DailyCourse?] = [],
    seasons: [SeasonalProfile] = [],
    logProfile: LogProfile? = nil, featureScaling: [RobustSummary]
  ) {
    precondition(
      metricKinds.count == metricColumns.count,
      "\(metricKinds.count) kinds for \(metricColumns.count) metrics")
    self.service = service
    (self.metricColumns, self.metricKinds) = (metricColumns, metricKinds)
    self.logs = logs
    self.channelScaling = channelScaling
    (self.courses, self.seasons) = (courses, seasons)
    self.logProfile = logProfile
    self.featureScaling = featureScaling
  }

  /// Names of all channels: metrics first, then logs.
  public var channels: [String] { metricColumns + (logs?.names ?? []) }

  /// The number of features: those of every channel, then those of the service as a whole, then
  /// those of its logs.
  public func featureCount(_ definition: FeatureDefinition) -> Int {
    channels.count * definition.featuresPerChannel
      + ServiceFeatures(definition, columns: metricColumns).names.count
      + LogFeatures(definition, logs: logs, profile: nil).names.count
  }
}
