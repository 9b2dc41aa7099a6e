internal import Features
internal import LinearAlgebra

/// Forecast errors in units of their usual size, smoothed exponentially per channel; the score is
/// the mean of the largest tenth.
///
/// Smoothing follows Hundman et al. (2018), per channel before the channels are combined.
struct ForecastDetector: DeviationCombining {
  private var forecaster: Forecaster
  private let errors: [RobustSummary]
  private let tails: TailWeights
  private let weight: Float
  private var smoothed: [Float]

  init(
    forecaster: Forecaster, errors: [RobustSummary], smoothing: Int, tails: TailWeights
  ) {
    self.forecaster = forecaster
    self.errors = errors
    self.tails = tails
    weight = 2 / (Float(smoothing) + 1)
    smoothed = Array(repeating: .nan, count: errors.count)
  }

  mutating func score(_ observation: Observation) -> Float {
    tails.combine(deviations(observation))
  }

  mutating func deviations(_ observation: Observation) -> [Float] {
    let current = forecaster.errors(observation)
    var visible = Array(repeating: Float.nan, count: current.count)
    for (channel, error) in current.enumerated() where !error.isNaN {
      let usual = errors[channel]
      let size = Float(abs((Double(error) - usual.median) / usual.scale))
      let before = smoothed[channel].isNaN ? size : smoothed[channel]
      smoothed[channel] = before + weight * (size - before)
      visible[channel] = smoothed[channel]
    }
    return visible
  }
}
