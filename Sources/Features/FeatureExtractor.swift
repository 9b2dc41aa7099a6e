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
/// A row's features depend on that row and earlier ones only.
public struct FeatureExtractor: Sendable {
  private let definition: FeatureDefinition
  private let model: ServiceFeatureModel
  private var logReader: LogChannels.Reader?
  /// Per channel, up to twice the longest window of scaled values, oldest first.
  private var history: [[Float]]
  private var rowsSeen = 0

  /// Starts without history.
  public init(definition: FeatureDefinition, model: ServiceFeatureModel) {
    self.definition = definition
    self.model = model
    logReader = model.logs.map { $0.reader() }
    history = Array(repeating: [], count: model.channelScaling.count)
  }

  /// Takes the next row in the order of time.
  ///
  /// - Precondition: `row.metrics.count` equals the model's number of metric columns.
  public mutating func push(_ row: TelemetryRow) -> Observation {
    precondition(
      row.metrics.count == model.metricColumns.count,
      "\(row.metrics.count) metrics for \(model.metricColumns.count) columns")
    let raw = row.metrics + (logReader?.read(row.logs) ?? [])
    let channels = zip(raw, model.channelScaling).map { value, scaling in
      scaled(value, by: scaling)
    }
    rowsSeen += 1
    return Observation(
      time: row.time, channels: channels, features: features(channels),
      isWarm: rowsSeen >= definition.historyLength)
  }

  private mutating func features(_ channels: [Float]) -> [Float] {
    let length = definition.historyLength
    var features: [Float] = []
    features.reserveCapacity(channels.count * definition.featuresPerChannel)
    for (index, value) in channels.enumerated() {
      if history[index].count >= 2 * length {
        history[index].removeFirst(history[index].count - length + 1)
      }
      history[index].append(value)
      features.append(value)
      for window in definition.windows {
        WindowSummary.append(history[index].suffix(window), length: window, to: &features)
      }
    }
    guard !model.featureScaling.isEmpty else { return features }
    for index in features.indices {
      features[index] = scaled(Double(features[index]), by: model.featureScaling[index])
    }
    return features
  }
}

/// Deviation from the median in units of the scale, kept within ±10⁹ so that sums of squares of a
/// column that never moved in training stay finite.
private func scaled(_ value: Double, by scaling: RobustSummary) -> Float {
  let deviation = (value - scaling.median) / scaling.scale
  return deviation.isNaN ? .nan : Float(min(max(deviation, -1e9), 1e9))
}
