internal import Baselines
public import Features
internal import LinearAlgebra

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What each input of a detector is divided by before inputs are combined, so that an input that is
/// often far out in quiet times does not drown the others.
///
///     divisor = max(1, 99th percentile of the input's deviation in calibration cells / 2)
///
/// An input that behaves in calibration as it did in training keeps its deviation; one that went a
/// thousand deviations away while nothing was wrong has to go further than that to count. An input
/// divided by infinity counts as missing: what deviates there says nothing about how much.
///
/// Divided deviations d enter the mean as ln(1 + d): many inputs that are ten times out count for more
/// than one that is a thousand times out, which is mostly an input that hardly ever moves.
public struct TailWeights: Hashable, Sendable {
  /// Deviations that a 99th percentile may have without being divided.
  private static let usual = 2.0

  /// The divisors, one per input, each at least 1; infinite for an input that is left out.
  public var divisors: [Float]

  /// Whether deviations enter the mean as logarithms; models of before do not.
  public var compresses: Bool

  /// Makes weights from known divisors.
  public init(divisors: [Float], compresses: Bool = true) {
    (self.divisors, self.compresses) = (divisors, compresses)
  }

  /// Makes weights that divide nothing.
  public init(count: Int, compresses: Bool = true) {
    self.init(divisors: Array(repeating: 1, count: count), compresses: compresses)
  }

  /// Fits the divisors on deviations [cells][inputs] of calibration cells; NaN are left out.
  public init(fitting cells: [[Float]], inputs: Int) {
    compresses = true
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
    return TailWeights(
      divisors: zip(divisors, isLeftOut).map { $1 ? .infinity : $0 }, compresses: compresses)
  }

  /// The mean of the largest tenth of the divided deviations, or of their logarithms; NaN when there
  /// is none.
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
    return zip(deviations, divisors).map { deviation, divisor in
      guard divisor.isFinite else { return .nan }
      let divided = abs(deviation) / divisor
      return compresses ? Float(log1p(Double(divided))) : divided
    }
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
