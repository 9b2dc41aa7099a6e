internal import Baselines
public import Features
internal import LinearAlgebra

/// What each input of a detector is divided by before inputs are combined, so that an input that is
/// often far out in quiet times does not drown the others.
///
///     divisor = max(1, 99th percentile of the input's deviation in calibration cells / 4)
///
/// An input that behaves in calibration as it did in training keeps its deviation; one that went a
/// thousand deviations away while nothing was wrong has to go further than that to count. An input
/// divided by infinity counts as missing: what deviates there says nothing about how much.
public struct TailWeights: Hashable, Sendable {
  /// Deviations that a 99th percentile may have without being divided.
  private static let usual = 4.0

  /// The divisors, one per input, each at least 1; infinite for an input that is left out.
  public var divisors: [Float]

  /// Makes weights from known divisors.
  public init(divisors: [Float]) { self.divisors = divisors }

  /// Makes weights that divide nothing.
  public init(count: Int) { divisors = Array(repeating: 1, count: count) }

  /// Fits the divisors on deviations [cells][inputs] of calibration cells; NaN are left out.
  public init(fitting cells: [[Float]], inputs: Int) {
    divisors = (0..<inputs).map { input in
      let sorted = cells.lazy.map { Double($0[input]) }.filter { !$0.isNaN }.sorted()
      guard !sorted.isEmpty else { return 1 }
      return Float(max(1, quantile(ofSorted: sorted, 0.99) / Self.usual))
    }
  }

  /// Per input, whether it is left out.
  public var isLeftOut: [Bool] { divisors.map { !$0.isFinite } }

  /// Leaves inputs out, unless that would leave none.
  ///
  /// - Precondition: As many flags as divisors.
  public func leavingOut(_ isLeftOut: [Bool]) -> TailWeights {
    precondition(isLeftOut.count == divisors.count, "\(isLeftOut.count) flags")
    guard isLeftOut.contains(false) else { return self }
    return TailWeights(divisors: zip(divisors, isLeftOut).map { $1 ? .infinity : $0 })
  }

  /// The mean of the largest tenth of the divided deviations; NaN when there is none.
  ///
  /// - Precondition: As many deviations as divisors.
  ///
  /// - Parameter least: The fewest that are averaged.
  func combine(_ deviations: [Float], least: Int = 1) -> Float {
    let divided = divided(deviations)
    guard divided.contains(where: { !$0.isNaN }) else { return .nan }
    return RobustDeviation(least: least).score(divided[...])
  }

  /// The same, and what each deviation adds to it: a share of those that are averaged, 0 of others,
  /// NaN of missing ones.
  func parts(
    _ deviations: [Float], least: Int = 1
  ) -> (score: Float, contributions: [Float]) {
    let divided = divided(deviations)
    let present = divided.indices.filter { !divided[$0].isNaN }
    var contributions = divided.map { $0.isNaN ? Float.nan : 0 }
    let count = RobustDeviation(least: least).count(of: present.count)
    let largest = present.sorted { (-divided[$0], $0) < (-divided[$1], $1) }.prefix(count)
    for index in largest { contributions[index] = divided[index] / Float(count) }
    return (combine(deviations, least: least), contributions)
  }

  private func divided(_ deviations: [Float]) -> [Float] {
    precondition(
      deviations.count == divisors.count,
      "\(deviations.count) deviations for \(divisors.count) divisors")
    return zip(deviations, divisors).map { $1.isFinite ? abs($0) / $1 : .nan }
  }
}

/// A detector whose score combines the deviations of many inputs.
public protocol DeviationCombining: Detector {
  /// The inputs' deviations at the next observation; NaN is missing.
  mutating func deviations(_ observation: Observation) -> [Float]
}

/// A model that learns, between training and calibration, how its detectors' deviations are in quiet
/// times.
public protocol QuietFitted: DetectorModel {
  /// A detector at the start of a service's time, or nil for a service not seen in training.
  func combiningDetector(for service: String) -> (any DeviationCombining)?
  /// Learns from the deviations that a service's detector gave, [cells][inputs]; NaN are missing.
  mutating func fit(quiet cells: [[Float]], service: String)
}

extension QuietFitted {
  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? { combiningDetector(for: service) }
}
