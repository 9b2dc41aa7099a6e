internal import Baselines
internal import ErrorScores
internal import LinearAlgebra

/// Reads one service's forecast errors: what each channel's are worth, and what they are together.
struct ErrorReader: Sendable {
  /// Least half width of an interval in usual errors, so that a quiet hour does not make every
  /// later error a wild one.
  static let leastHalfWidth = 0.5

  /// The usual errors.
  let usual: [RobustSummary]
  private let score: ErrorScore
  private let quiet: QuietErrors?
  private let weight: Float
  private var smoothed: [Float]
  private var thresholds: [DynamicThreshold]
  private var marginal: MahalanobisDistance.Marginal?

  init(score: ErrorScore, smoothing: Int, usual: [RobustSummary], quiet: QuietErrors?) {
    (self.score, self.usual, self.quiet) = (score, usual, quiet)
    weight = 2 / (Float(smoothing) + 1)
    smoothed = Array(repeating: .nan, count: usual.count)
    thresholds = []
    if case .dynamicThreshold(let configuration) = score {
      thresholds = Array(repeating: DynamicThreshold(configuration), count: usual.count)
    }
  }

  /// What quiet times are learned from, [channels]: sizes, severities, or signed errors in usual
  /// ones, as the score needs.
  mutating func deviations(_ errors: [Float]) -> [Float] {
    let signed = standardised(errors)
    switch score {
    case .smoothed: return smoothedSizes(signed)
    case .dynamicThreshold: return severities(smoothedSizes(signed))
    case .mahalanobis, .exceedance: return signed
    }
  }

  /// The score of the next errors alone, the same as that of `read`.
  mutating func score(_ errors: [Float]) -> Float {
    switch quiet {
    case .tails(let tails): tails.combine(deviations(errors))
    case .distance, .intervals: read(errors).score
    case nil: TailWeights(count: usual.count).combine(deviations(errors))
    }
  }

  /// The score of the next errors, and what each channel adds to it: NaN for channels without an
  /// error, and a score of NaN when no channel has one.
  mutating func read(_ errors: [Float]) -> (score: Float, contributions: [Float]) {
    let deviations = deviations(errors)
    switch quiet {
    case .tails(let tails): return tails.parts(deviations)
    case .distance(let distance): return read(deviations, distance)
    case .intervals(let intervals):
      let exceedances = zip(deviations, intervals).map { error, interval in
        error.isNaN
          ? Float.nan
          : Float(
            interval.exceedance(of: Double(error), leastHalfWidth: Self.leastHalfWidth))
      }
      return TailWeights(count: usual.count).parts(smooth(exceedances))
    case nil: return TailWeights(count: usual.count).parts(deviations)
    }
  }

  func remember(in memory: inout DetectorMemory) {
    memory.add(smoothed)
    for threshold in thresholds {
      memory.add(Double(threshold.window.count))
      memory.add(threshold.window)
    }
  }

  mutating func recall(from memory: inout DetectorMemory) {
    smoothed = memory.floats(smoothed.count)
    guard case .dynamicThreshold(let configuration) = score else { return }
    for index in thresholds.indices {
      let errors = memory.doubles(memory.count(configuration.window))
      thresholds[index] = DynamicThreshold(
        configuration, errors: errors.map { $0 >= 0 && $0.isFinite ? $0 : 0 })
    }
  }

  private mutating func read(
    _ deviations: [Float], _ distance: MahalanobisDistance
  ) -> (score: Float, contributions: [Float]) {
    let present = deviations.indices.filter { !deviations[$0].isNaN }
    if marginal?.present != present { marginal = distance.marginal(of: present) }
    guard !present.isEmpty, let marginal else {
      return (.nan, Array(repeating: .nan, count: usual.count))
    }
    let contributions = smooth(marginal.parts(deviations).contributions.map { Float($0) })
    let squared = present.reduce(0.0) { $0 + Double(contributions[$1]) }
    return (Float((max(0, squared) / Double(present.count)).squareRoot()), contributions)
  }

  private func standardised(_ errors: [Float]) -> [Float] {
    zip(errors, usual).map { error, usual in
      error.isNaN ? .nan : Float((Double(error) - usual.median) / usual.scale)
    }
  }

  private mutating func smoothedSizes(_ signed: [Float]) -> [Float] { smooth(signed.map(abs)) }

  /// Smooths each channel over the observations that it has a value in.
  private mutating func smooth(_ values: [Float]) -> [Float] {
    var visible = Array(repeating: Float.nan, count: values.count)
    for (channel, value) in values.enumerated() where !value.isNaN {
      let before = smoothed[channel].isNaN ? value : smoothed[channel]
      smoothed[channel] = before + weight * (value - before)
      visible[channel] = smoothed[channel]
    }
    return visible
  }

  private mutating func severities(_ sizes: [Float]) -> [Float] {
    var severities = Array(repeating: Float.nan, count: sizes.count)
    for (channel, size) in sizes.enumerated() where !size.isNaN {
      severities[channel] = Float(thresholds[channel].severity(of: Double(size)))
    }
    return severities
  }
}
