internal import LinearAlgebra

/// Statistics of one window of one series: the definition that the vectorised form is held to, bit
/// for bit.
///
/// Sums run over the window afresh each time, oldest first: no drift accumulates, and a value
/// depends on the window's content alone.
struct WindowSummary {
  private(set) var mean = Double.nan
  private(set) var deviation = Double.nan
  private(set) var sampleDeviation = Double.nan
  private(set) var minimum = Double.nan
  private(set) var maximum = Double.nan
  private(set) var slope = Double.nan
  private(set) var trend = Double.nan
  private(set) var excess = Double.nan
  private(set) var roughness = Double.nan

  /// Whether a window has enough values for a result: half of its cells, and two.
  static func isEnough(_ present: Int, of length: Int) -> Bool {
    present >= 2 && present * 2 >= length
  }

  /// Computes the statistics.
  ///
  /// - Parameters:
  ///   - window: Oldest first, the current value last; NaN is missing.
  ///   - length: The window's nominal length; `window` is shorter while history is.
  init(_ window: ArraySlice<Double>, length: Int) {
    var present = 0
    var sum = 0.0
    var positionSum = 0.0
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for (position, value) in window.enumerated() where !value.isNaN {
      present += 1
      sum += value
      positionSum += Double(position)
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    guard Self.isEnough(present, of: length) else { return }
    (minimum, maximum) = (smallest, largest)
    mean = sum / Double(present)
    let centre = positionSum / Double(present)
    var squares = 0.0
    var products = 0.0
    var positionSquares = 0.0
    var steps = 0.0
    var stepCount = 0
    var previous = Double.nan
    for (position, value) in window.enumerated() {
      // Channels are of single precision, and so are their steps.
      let step = Double(abs(Float(value) - Float(previous)))
      previous = value
      if !step.isNaN {
        steps += step
        stepCount += 1
      }
      guard !value.isNaN else { continue }
      let offset = value - mean
      let distance = Double(position) - centre
      squares += offset * offset
      products += offset * distance
      positionSquares += distance * distance
    }
    deviation = (squares / Double(present)).squareRoot()
    sampleDeviation = (squares / Double(present - 1)).squareRoot()
    slope = products / positionSquares
    trend = slope * Double(length - 1)
    excess = (window.last ?? .nan) - mean
    roughness = stepCount == 0 ? .nan : steps / Double(stepCount)
  }

  /// A statistic of the catalogue, nil for a feature that is none.
  func callAsFunction(_ feature: CatalogueFeature) -> Double? {
    switch feature {
    case .mean: mean
    case .deviation: deviation
    case .sampleDeviation: sampleDeviation
    case .minimum: minimum
    case .maximum: maximum
    case .slope: slope
    case .trend: trend
    case .excess: excess
    case .roughness: roughness
    default: nil
    }
  }
}

/// The values of a trailing window that are present, kept in ascending order.
struct SortedWindow: Sendable {
  /// The window's nominal length.
  let length: Int
  private var sorted: [Double] = []

  init(length: Int) { self.length = length }

  /// Takes the next value and forgets the one that leaves the window; NaN is none.
  ///
  /// -0 counts as 0, so that equal values have equal bits.
  mutating func push(_ value: Double, leaving: Double) {
    if !leaving.isNaN { sorted.remove(at: position(of: leaving + 0)) }
    if !value.isNaN { sorted.insert(value + 0, at: position(of: value + 0)) }
  }

  /// The first place whose value is not smaller.
  private func position(of value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The quantile with linear interpolation; NaN while too few values are present.
  func quantile(_ probability: Double) -> Double {
    guard WindowSummary.isEnough(sorted.count, of: length) else { return .nan }
    return LinearAlgebra.quantile(ofSorted: sorted, probability)
  }
}

/// Exponentially weighted mean and variance of one span.
struct ExponentialAverage: Hashable, Sendable {
  /// The weight of the newest value, 2 / (span + 1).
  let weight: Double
  var mean = Double.nan
  var variance = Double.nan

  init(span: Int) { weight = 2 / (Double(span) + 1) }

  /// Takes the next value; NaN and infinities leave everything as it is.
  mutating func push(_ value: Double) {
    guard value.isFinite else { return }
    guard !mean.isNaN else { return (mean, variance) = (value, 0) }
    let offset = value - mean
    let step = weight * offset
    mean += step
    variance = (1 - weight) * (variance + offset * step)
  }
}
