public import LinearAlgebra
public import Telemetry

extension CatalogueFeature {
  /// How a feature follows its channel when that is shifted and stretched.
  private enum Course { case level, spread, other }

  private var course: Course {
    switch self {
    case .robustZ, .mean, .minimum, .maximum, .quantile05, .quantile25, .median, .quantile75,
      .quantile95, .quantile99, .ewma, .lag:
      .level
    case .deviation, .trend, .excess, .roughness, .sampleDeviation, .slope, .ewmaDeviation,
      .difference, .hourResidual, .dayResidual:
      .spread
    default: .other
    }
  }

  /// The feature's scaling in the metric's own unit; features without one keep theirs.
  fileprivate func scaling(_ own: RobustSummary, channel: RobustSummary) -> RobustSummary {
    switch course {
    case .level:
      RobustSummary(
        median: channel.median + channel.scale * own.median, scale: channel.scale * own.scale)
    case .spread:
      RobustSummary(median: channel.scale * own.median, scale: channel.scale * own.scale)
    case .other: own
    }
  }
}

extension FeatureModel {
  /// What turns a service's scaled features back into units that people know, [features]:
  ///
  ///     value = median + scale · feature
  ///
  /// Levels and spreads of a metric come back in the metric's unit, all others as
  /// `FeatureDocumentation.unit` says.
  ///
  /// Where a metric's usual course of the day is taken off, levels come back without it, unless an
  /// instant is given, whose course is put on: exact for the current value, and what a window that
  /// lay there as a whole would be.
  public func units(
    of service: ServiceFeatureModel, at time: Timestamp? = nil
  ) -> [RobustSummary] {
    let selected = definition.channelFeatures
    return service.featureScaling.enumerated().map { index, own in
      let channel = index / max(1, selected.count)
      guard !selected.isEmpty, channel < service.channelScaling.count else { return own }
      var scaling = service.channelScaling[channel]
      if let time { scaling.median += service.course(ofChannel: channel, at: time) }
      return selected[index % selected.count].feature.scaling(own, channel: scaling)
    }
  }
}
