internal import LinearAlgebra
public import Telemetry

/// What a detector sees of one service at one instant.
public struct Observation: Sendable {
  /// The instant.
  public var time: Timestamp
  /// Robustly scaled channels, [channels]; NaN is missing.
  public var channels: [Float]
  /// Robustly scaled features, [features]; NaN is missing.
  public var features: [Float]
  /// Whether the longest window has been filled since the start.
  public var isWarm: Bool

  /// Makes an observation.
  public init(time: Timestamp, channels: [Float], features: [Float], isWarm: Bool) {
    (self.time, self.channels, self.features) = (time, channels, features)
    self.isWarm = isWarm
  }

  /// Whether any channel has a value.
  public var hasData: Bool { channels.contains { !$0.isNaN } }
}

/// Turns rows into features, one row at a time: the one definition that training, evaluation and
/// live scoring share.
///
/// A row's features depend on that row and earlier ones only. Memory is bounded, whatever the number
/// of rows; `FeatureExtractor+Snapshot.swift` keeps it beyond the life of a process.
public struct FeatureExtractor: Sendable {
  let definition: FeatureDefinition
  let plan: ChannelPlan
  var channels: [ChannelState]
  var rowsSeen = 0
  private let model: ServiceFeatureModel
  private let serviceFeatures: ServiceFeatures
  var logFeatures: LogFeatures
  private let featureCount: Int
  private var logReader: LogChannels.Reader?

  /// Starts without history.
  public init(definition: FeatureDefinition, model: ServiceFeatureModel) {
    self.definition = definition
    self.model = model
    logReader = model.logs.map { $0.reader() }
    plan = ChannelPlan(definition.channelFeatures)
    channels = Array(repeating: ChannelState(plan), count: model.channelScaling.count)
    serviceFeatures = ServiceFeatures(definition, columns: model.metricColumns)
    logFeatures = LogFeatures(definition, logs: model.logs, profile: model.logProfile)
    featureCount = model.featureCount(definition)
  }

  /// Takes the next row in the order of time.
  ///
  /// - Precondition: `row.metrics.count` equals the model's number of metric columns.
  public mutating func push(_ row: TelemetryRow) -> Observation {
    precondition(
      row.metrics.count == model.metricColumns.count,
      "\(row.metrics.count) metrics for \(model.metricColumns.count) columns")
    let cell = logReader?.cell(
      row.logs, logFeatures.seesTransitions ? row.transitions : nil)
    let raw = row.metrics + (logReader?.values(of: cell) ?? [])
    let values = raw.indices.map { channel in
      model.withoutCourse(
        scaled(raw[channel], by: model.channelScaling[channel]), channel: channel, time: row.time)
    }
    rowsSeen = min(rowsSeen + 1, definition.historyLength)
    return Observation(
      time: row.time, channels: values, features: features(row, values, raw: raw, logs: cell),
      isWarm: rowsSeen >= definition.historyLength)
  }

  private mutating func features(
    _ row: TelemetryRow, _ values: [Float], raw: [Double], logs: LogCell?
  ) -> [Float] {
    var features: [Float] = []
    features.reserveCapacity(featureCount)
    for index in values.indices {
      channels[index].push(
        values[index], raw: raw[index],
        seasons: model.seasons.isEmpty ? nil : model.seasons[index].expected(at: row.time),
        plan: plan, to: &features)
    }
    serviceFeatures.append(time: row.time, metrics: row.metrics, to: &features)
    logFeatures.push(logs, to: &features)
    guard !model.featureScaling.isEmpty else { return features }
    for index in features.indices {
      features[index] = scaled(Double(features[index]), by: model.featureScaling[index])
    }
    return features
  }
}

/// Deviation from the median in units of the scale, kept within ±10⁹ so that sums of squares of a
/// column that never moved in training stay finite.
func scaled(_ value: Double, by scaling: RobustSummary) -> Float {
  let deviation = (value - scaling.median) / scaling.scale
  return deviation.isNaN ? .nan : Float(min(max(deviation, -1e9), 1e9))
}
