internal import Baselines
public import Features
internal import LinearAlgebra

/// What each input of a detector is divided by before inputs are combined, so that an input that is
/// often far out in quiet times does not drown the others.
///
///     divisor = max(1, 99th percentile of the input's deviation in calibration cells / 4)
///
/// An input that behaves in calibration as it did in training keeps its deviation; one that went a
/// thousand deviations away while nothing was wrong has to go further than that to count.
public struct TailWeights: Hashable, Sendable {
  /// Deviations that a 99th percentile may have without being divided.
  private static let usual = 4.0

  /// The divisors, one per input, each at least 1.
  public var divisors: [Float]

  /// Makes weights from known divisors.
  public init(divisors: [Float]) { self.divisors = divisors }

  /// Fits the divisors on deviations [cells][inputs] of calibration cells; NaN are left out.
  public init(fitting cells: [[Float]], inputs: Int) {
    divisors = (0..<inputs).map { input in
      let sorted = cells.lazy.map { Double($0[input]) }.filter { !$0.isNaN }.sorted()
      guard !sorted.isEmpty else { return 1 }
      return Float(max(1, quantile(ofSorted: sorted, 0.99) / Self.usual))
    }
  }

  /// The mean of the largest tenth of the divided deviations; NaN when there is none.
  ///
  /// - Precondition: As many deviations as divisors.
  func combine(_ deviations: [Float]) -> Float {
    precondition(
      deviations.count == divisors.count,
      "\(deviations.count) deviations for \(divisors.count) divisors")
    guard deviations.contains(where: { !$0.isNaN }) else { return .nan }
    let divided = zip(deviations, divisors).map { abs($0) / $1 }
    return RobustDeviation().score(divided[...])
  }
}

/// A detector whose score combines the deviations of many inputs.
public protocol DeviationCombining: Detector {
  /// The inputs' deviations at the next observation; NaN is missing.
  mutating func deviations(_ observation: Observation) -> [Float]
}

/// A model whose detectors combine deviations and can be told how far those go in quiet times.
public protocol TailWeighted: DetectorModel {
  /// The weights by service; without an entry every input counts in full.
  var tails: [String: TailWeights] { get set }
  /// A detector at the start of a service's time, or nil for a service not seen in training.
  func combiningDetector(for service: String) -> (any DeviationCombining)?
}

extension TailWeighted {
  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? { combiningDetector(for: service) }
}
