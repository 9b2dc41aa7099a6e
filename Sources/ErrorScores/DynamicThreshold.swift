/// The non-parametric dynamic threshold of telemanom over the smoothed errors of one channel:
/// Hundman et al., "Detecting Spacecraft Anomalies Using LSTMs and Nonparametric Dynamic
/// Thresholding", KDD 2018, section 3.2 and 3.3.
///
///     ε = μ + z σ,   z = argmax (Δμ / μ + Δσ / σ) / (|e_a| + |E_seq|²)   over 2.5, 3, …, 11.5
///
/// μ and σ are mean and deviation of the window, Δμ and Δσ what they lose without the errors e_a
/// above ε, and E_seq the sequences that those form. Of equal values the largest z is taken, as by
/// the authors' program, and 12 when no error is above any ε. Sequences are pruned when neither
/// theirs nor a smaller sequence's largest error exceeds the next smaller one, or the largest error
/// that is normal, by more than a share of itself.
///
/// The paper judges a window when it is complete. Here the window ends with the error that is judged,
/// so that nothing depends on what comes later.
public struct DynamicThreshold: Hashable, Sendable {
  /// How errors are judged.
  public struct Configuration: Hashable, Sendable {
    /// Errors looked back on, the one that is judged included; h in the paper.
    public var window: Int
    /// Share by which the largest error of a sequence has to exceed the next; p in the paper.
    public var pruning: Double
    /// Errors that a window needs before it judges.
    public var fewest: Int

    /// Makes a configuration.
    ///
    /// - Precondition: `window >= fewest`, `fewest >= 2`, and `pruning` is within [0, 1).
    public init(window: Int = 500, pruning: Double = 0.13, fewest: Int = 30) {
      precondition(
        fewest >= 2 && window >= fewest && (0..<1).contains(pruning),
        "window \(window), at least \(fewest), pruning \(pruning)")
      (self.window, self.pruning, self.fewest) = (window, pruning, fewest)
    }
  }

  private static let firstZ = 2.5
  private static let stepZ = 0.5
  private static let levels = 19
  private static let otherwiseZ = 12.0
  /// The largest severity that is normal and remains so as a 32-bit float.
  private static let justNormal = Double(Float(1).nextDown)

  private let configuration: Configuration
  /// The window by time, from `start` on and around.
  private var errors: [Double] = []
  private var start = 0

  /// Starts without errors.
  public init(_ configuration: Configuration = Configuration()) {
    self.configuration = configuration
    errors.reserveCapacity(configuration.window)
  }

  /// Goes on after known errors.
  ///
  /// - Parameter errors: The last ones in the order of time, as `window` gives them, each finite and
  ///   at least 0.
  /// - Precondition: No more than the configuration's window.
  public init(_ configuration: Configuration, errors: [Double]) {
    precondition(errors.count <= configuration.window, "\(errors.count) errors in a window")
    self.init(configuration)
    self.errors.append(contentsOf: errors)
  }

  /// The errors looked back on, in the order of time.
  public var window: [Double] { Array(errors[start...] + errors[..<start]) }

  /// Takes the next smoothed error, at least 0, and judges it.
  ///
  /// - Returns: Below 1 when the error is normal, e / ε as far as it is below the threshold; from 1
  ///   on when it is anomalous: 1 + (e − ε) / (μ + σ), one more than the paper's severity. 0 while
  ///   the window is too short, and when all of its errors are equal.
  /// - Complexity: O(window).
  public mutating func severity(of error: Double) -> Double {
    precondition(error >= 0 && error.isFinite, "error \(error)")
    if errors.count < configuration.window {
      errors.append(error)
    } else {
      errors[start] = error
      start = (start + 1) % errors.count
    }
    guard errors.count >= configuration.fewest else { return 0 }
    let window = Window(errors, from: start)
    guard window.deviation > 0 else { return 0 }
    let threshold = window.threshold
    guard error > threshold else { return min(error / threshold, Self.justNormal) }
    guard window.isKept(above: threshold, pruning: configuration.pruning) else {
      return Self.justNormal
    }
    return 1 + (error - threshold) / (window.mean + window.deviation)
  }

  /// The threshold ε of the errors so far; nil while there are too few or all are equal.
  public var threshold: Double? {
    guard errors.count >= configuration.fewest else { return nil }
    let window = Window(errors, from: start)
    return window.deviation > 0 ? window.threshold : nil
  }

  /// A window's errors by time, and what follows from them.
  private struct Window {
    let errors: [Double]
    let start: Int
    let mean: Double
    let deviation: Double

    init(_ errors: [Double], from start: Int) {
      (self.errors, self.start) = (errors, start)
      // In the order of time, so that rounding does not depend on where the ring begins.
      let (earlier, later) = (errors[start...], errors[..<start])
      let count = Double(errors.count)
      let mean = later.reduce(earlier.reduce(0, +), +) / count
      func adding(_ sum: Double, _ error: Double) -> Double {
        sum + (error - mean) * (error - mean)
      }
      let squares = later.reduce(earlier.reduce(0, adding), adding)
      (self.mean, deviation) = (mean, (squares / count).squareRoot())
    }

    private func forEach(_ body: (Double) -> Void) {
      for error in errors[start...] { body(error) }
      for error in errors[..<start] { body(error) }
    }

    var threshold: Double {
      let thresholds = (0..<levels).map { mean + (firstZ + stepZ * Double($0)) * deviation }
      // Level l: errors above the first l of the thresholds; sums are of what is centred.
      var counts = Array(repeating: 0, count: levels + 1)
      var sums = Array(repeating: 0.0, count: levels + 1)
      var squares = sums
      var sequences = counts
      var before = 0
      forEach { error in
        let centred = error - mean
        var level = 0
        while level < levels, error > thresholds[level] { level += 1 }
        counts[level] += 1
        sums[level] += centred
        squares[level] += centred * centred
        if level > before { for index in before + 1...level { sequences[index] += 1 } }
        before = level
      }
      var (best, chosen) = (0.0, mean + otherwiseZ * deviation)
      var (count, sum, square) = (0, 0.0, 0.0)
      for level in 0..<levels {
        count += counts[level]
        sum += sums[level]
        square += squares[level]
        let above = errors.count - count
        guard above > 0 else { break }
        let meanBelow = sum / Double(count)
        let variance = max(0, square / Double(count) - meanBelow * meanBelow)
        let gain = -meanBelow / mean + (deviation - variance.squareRoot()) / deviation
        let sequence = Double(sequences[level + 1])
        let value = gain / (Double(above) + sequence * sequence)
        if value >= best { (best, chosen) = (value, thresholds[level]) }
      }
      return chosen
    }

    /// Whether the sequence that the window ends with is still one after pruning.
    func isKept(above threshold: Double, pruning: Double) -> Bool {
      var peaks: [Double] = []
      var normal = 0.0
      var inside = false
      forEach { error in
        if error > threshold {
          if inside {
            peaks[peaks.count - 1] = max(peaks[peaks.count - 1], error)
          } else {
            peaks.append(error)
          }
        } else {
          normal = max(normal, error)
        }
        inside = error > threshold
      }
      guard inside, let current = peaks.last else { return false }
      let smaller = peaks.filter { $0 <= current }.sorted(by: >) + [normal]
      return zip(smaller, smaller.dropFirst()).contains { ($0 - $1) / $0 > pruning }
    }
  }
}
