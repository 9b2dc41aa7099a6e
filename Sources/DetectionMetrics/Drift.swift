internal import Foundation

/// How far values of one time are distributed unlike those of another.
public struct DistributionShift: Hashable, Sendable {
  /// Population stability index over the tenths of the reference: `Σ (q − p) ln(q / p)` for the
  /// shares p and q of reference and current values in each bin. By custom, below 0.1 nothing has
  /// changed, above 0.25 much has (Siddiqi, "Credit Risk Scorecards", 2006).
  public var stabilityIndex: Double
  /// The two-sample Kolmogorov-Smirnov statistic: the largest distance between the two empirical
  /// distribution functions, within 0...1.
  public var kolmogorovSmirnov: Double

  /// Compares two samples; nil when one is empty.
  ///
  /// Bins end at the reference's deciles, equal ones are one. A share is at least half a value of its
  /// sample, so that an empty bin costs much but not everything.
  ///
  /// - Parameters:
  ///   - reference: Values in any order; NaN are left out.
  ///   - current: Likewise.
  /// - Complexity: O(n log n).
  public init?(reference: [Double], current: [Double]) {
    let before = reference.filter { !$0.isNaN }.sorted()
    let now = current.filter { !$0.isNaN }.sorted()
    guard !before.isEmpty, !now.isEmpty else { return nil }
    stabilityIndex = Self.stabilityIndex(before, now)
    kolmogorovSmirnov = Self.kolmogorovSmirnov(before, now)
  }

  /// The shift of values that are gone altogether.
  public static let vanished = DistributionShift(stabilityIndex: 10, kolmogorovSmirnov: 1)

  private init(stabilityIndex: Double, kolmogorovSmirnov: Double) {
    (self.stabilityIndex, self.kolmogorovSmirnov) = (stabilityIndex, kolmogorovSmirnov)
  }

  private static func stabilityIndex(_ before: [Double], _ now: [Double]) -> Double {
    // A bin holds the values above the edge before it, up to and with its own; the first those below
    // all of the reference, so that a constant that falls has moved.
    var edges: [Double] = [before[0].nextDown]
    for tenth in 1..<10 {
      let edge = before[(before.count - 1) * tenth / 10]
      if edges.last != edge { edges.append(edge) }
    }
    func shares(_ sorted: [Double]) -> [Double] {
      var counts: [Int] = []
      var start = 0
      for edge in edges {
        let end = sorted.partition(after: edge)
        counts.append(end - start)
        start = end
      }
      counts.append(sorted.count - start)
      let total = Double(sorted.count)
      return counts.map { max(Double($0), 0.5) / total }
    }
    return zip(shares(before), shares(now)).reduce(0) { $0 + ($1.1 - $1.0) * log($1.1 / $1.0) }
  }

  private static func kolmogorovSmirnov(_ before: [Double], _ now: [Double]) -> Double {
    var (first, second, largest) = (0, 0, 0.0)
    while first < before.count, second < now.count {
      let value = min(before[first], now[second])
      while first < before.count, before[first] == value { first += 1 }
      while second < now.count, now[second] == value { second += 1 }
      let distance =
        Double(first) / Double(before.count) - Double(second) / Double(now.count)
      largest = max(largest, abs(distance))
    }
    return largest
  }
}

extension [Double] {
  /// How many leading elements of an ascending array are at most `value`.
  fileprivate func partition(after value: Double) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
