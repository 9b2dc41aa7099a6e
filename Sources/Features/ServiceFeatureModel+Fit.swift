internal import LinearAlgebra
internal import LogTemplates
public import Telemetry

/// Fitting goes in three steps, so that services are fitted in parallel and yet learn from each
/// other: each service's channels, then what services share, then each service's features.
extension ServiceFeatureModel {
  /// Smallest scale of a feature, in units of its channel's scale. A feature that stood still in
  /// training does not answer to moves that are small for its channel.
  static let smallestFeatureScale = 0.02

  /// A channel's scale is believed down to this share of the typical scale of the same channel in
  /// the other services.
  static let smallestSharedScale = 0.25

  /// Fits a service's channels and their scaling on some cells of its frame.
  ///
  /// - Parameters:
  ///   - frame: The service's telemetry.
  ///   - grid: The frame's time axis, with cells of the definition's interval.
  ///   - isFitted: Per cell, whether it may be fitted on. Later cells have no influence.
  /// - Returns: The model without feature scaling, nil when no channel has data, and the channels
  ///   left out.
  public static func fitChannels(
    _ frame: ServiceFrame, grid: TimeGrid, isFitted: [Bool], definition: FeatureDefinition
  ) -> (model: ServiceFeatureModel?, dropped: [DroppedChannel]) {
    var dropped: [DroppedChannel] = []
    let fitted = isFitted.count { $0 }
    let kept = frame.columns.indices.filter { column in
      let present = isFitted.indices.count {
        isFitted[$0] && !frame.values[$0 * frame.columns.count + column].isNaN
      }
      let coverage = fitted == 0 ? 0 : Double(present) / Double(fitted)
      if coverage > 0, coverage >= definition.minimumCoverage { return true }
      dropped.append(
        DroppedChannel(
          service: frame.service, channel: frame.columns[column].name, coverage: coverage))
      return false
    }
    var logs: LogChannels?
    if definition.usesLogs, let activity = frame.logs {
      logs = LogChannels.fit(
        activity, isFitted: isFitted, limit: definition.trackedTemplates,
        rules: definition.logMasks)
      if logs == nil {
        dropped.append(DroppedChannel(service: frame.service, channel: "logs", coverage: 0))
      }
    }
    var model = ServiceFeatureModel(
      service: frame.service, metricColumns: kept.map { frame.columns[$0].name },
      metricKinds: kept.map { frame.columns[$0].kind }, logs: logs, channelScaling: [],
      featureScaling: [])
    guard !model.channels.isEmpty else { return (nil, dropped) }
    model.fitChannelScaling(frame, grid: grid, isFitted: isFitted)
    return (model, dropped)
  }

  private mutating func fitChannelScaling(
    _ frame: ServiceFrame, grid: TimeGrid, isFitted: [Bool]
  ) {
    var values = Array(repeating: [Double](), count: channels.count)
    var reader = logs?.reader()
    for (index, row) in rows(frame, grid: grid, isFitted: isFitted).enumerated()
    where isFitted[index] {
      for (channel, value) in (row.metrics + (reader?.read(row.logs) ?? [])).enumerated() {
        values[channel].append(value)
      }
    }
    channelScaling = values.map { RobustSummary(of: $0) ?? RobustSummary(median: 0, scale: 1) }
  }

  /// Raises scales that are far below what the same channel has in the other services: a pod whose
  /// latency happened to stand still in training is not alarmed by what is normal for its siblings.
  public static func shareScales(_ models: inout [ServiceFeatureModel]) {
    var scales: [String: [Double]] = [:]
    for model in models {
      for (channel, scaling) in zip(model.channels, model.channelScaling) {
        scales[channel, default: []].append(scaling.scale)
      }
    }
    let typical = scales.mapValues { quantile(ofSorted: $0.sorted(), 0.5) }
    for index in models.indices {
      for (position, channel) in models[index].channels.enumerated() {
        let least = (typical[channel] ?? 0) * smallestSharedScale
        models[index].channelScaling[position].scale = max(
          models[index].channelScaling[position].scale, least)
      }
    }
  }

  /// Fits what the features need to know, and their scaling, given the channels' final scaling.
  public mutating func fitFeatures(
    _ frame: ServiceFrame, grid: TimeGrid, isFitted: [Bool], definition: FeatureDefinition
  ) {
    (courses, seasons, logProfile, featureScaling) = ([], [], nil, [])
    let end = (isFitted.lastIndex(of: true) ?? -1) + 1
    let fitted = TimeGrid(first: grid.first, interval: grid.interval, count: end)
    if definition.selected.contains(where: { $0.feature.needsLogProfile }), let logs,
      let activity = frame.logs
    {
      logProfile = LogProfile(
        fitting: activity, channels: logs, isFitted: isFitted,
        learnsTransitions: definition.needsTransitions)
    }
    var batch = FeatureBatch(frame, grid: fitted, definition: definition, model: self)
    if definition.takesDailyCourse {
      courses = batch.courses(isFitted: isFitted)
      if !courses.isEmpty {
        batch = FeatureBatch(frame, grid: fitted, definition: definition, model: self)
      }
    }
    if definition.selected.contains(where: { $0.feature.isSeasonal }) {
      seasons = batch.seasons(isFitted: isFitted)
      batch = FeatureBatch(frame, grid: fitted, definition: definition, model: self)
    }
    let usable = (0..<end).filter { isFitted[$0] && $0 + 1 >= definition.historyLength }
    var scaling: [RobustSummary] = []
    batch.forEachFeature { _, values in
      var summary =
        RobustSummary(of: usable.map { Double(values[$0]) })
        ?? RobustSummary(median: 0, scale: 1)
      summary.scale = max(summary.scale, Self.smallestFeatureScale)
      scaling.append(summary)
    }
    featureScaling = scaling
  }

  /// The rows up to the last fitted cell.
  private func rows(_ frame: ServiceFrame, grid: TimeGrid, isFitted: [Bool]) -> FrameRows {
    let end = (isFitted.lastIndex(of: true) ?? -1) + 1
    return FrameRows(
      frame: frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: end),
      columns: metricColumns)
  }
}
