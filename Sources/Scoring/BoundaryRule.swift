internal import LinearAlgebra

/// Where alerts begin on centred scores.
public enum BoundaryRule: Hashable, Sendable {
  /// The smallest score with at most a share `exceedance` of the calibration cells above it, but
  /// never below 1. It is the score of a calibration cell, which is at the boundary itself.
  case quantile(exceedance: Double)
  /// As if a share of the calibration cells were anomalous: so many, rounded down, are at the
  /// boundary or above, fewer where ties leave no choice, even where that is less than 1.
  case contamination(share: Double)
  /// The score that is passed with probability `exceedance`, by the distribution of the scores
  /// above their quantile `start`: peaks over threshold (Siffer et al., KDD 2017). It reaches
  /// beyond the largest calibration score where the quantile cannot. Never below 1.
  case tail(exceedance: Double, start: Double)

  /// The share of cells that may lie above the boundary.
  public var exceedance: Double {
    switch self {
    case .quantile(let exceedance), .tail(let exceedance, _): exceedance
    case .contamination(let share): share
    }
  }

  /// Scores above the start of a tail that its distribution needs; with fewer, the quantile rules.
  static let fewestPeaks = 20

  /// The boundary on scores that ascend, positive.
  func boundary(_ sorted: [Double]) -> Double {
    switch self {
    case .quantile(let exceedance): max(Self.quantile(sorted, exceedance), 1)
    case .contamination(let share): max(Self.least(ofHighest: share, sorted), 1e-6)
    case .tail(let exceedance, let start):
      max(Self.tail(sorted, exceedance, start) ?? Self.quantile(sorted, exceedance), 1)
    }
  }

  /// The smallest value with at most the allowed share strictly above it.
  private static func quantile(_ sorted: [Double], _ exceedance: Double) -> Double {
    let above = Int((exceedance * Double(sorted.count)).rounded(.down))
    return sorted[sorted.count - 1 - min(above, sorted.count - 1)]
  }

  /// The least of the highest scores, which are a share of all; just beyond the greatest when that
  /// is not one score, or when those that tie with the next would make it more.
  private static func least(ofHighest share: Double, _ sorted: [Double]) -> Double {
    let below = quantile(sorted, share)
    // The next number that is told from it by a score of 32 bits.
    return sorted.first { $0 > below } ?? below + abs(below) * 0x1p-22
  }

  private static func tail(_ sorted: [Double], _ exceedance: Double, _ start: Double) -> Double? {
    let threshold = LinearAlgebra.quantile(ofSorted: sorted, start)
    let excesses = sorted.filter { $0 > threshold }.map { $0 - threshold }
    guard excesses.count >= fewestPeaks, let tail = GeneralisedPareto(fitting: excesses)
    else { return nil }
    let probability = exceedance * Double(sorted.count) / Double(excesses.count)
    return probability < 1 ? threshold + tail.excess(passedWith: probability) : nil
  }
}
