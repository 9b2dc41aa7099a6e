internal import LinearAlgebra

/// Scores every row by chance: what a metric gives to a detector that knows nothing.
public struct RandomScore: Hashable, Sendable {
  /// The run's seed.
  public let seed: UInt64

  /// Makes a detector; there is nothing to fit.
  public init(seed: UInt64) { self.seed = seed }

  /// A score uniform in [0, 1) that depends on nothing but seed, service and row.
  ///
  /// - Parameters:
  ///   - service: The service's number, in 0..<2³¹.
  ///   - row: The row's number, in 0..<2³².
  public func score(service: Int, row: Int) -> Float {
    precondition(
      service >= 0 && service <= Int(Int32.max) && row >= 0 && row <= Int(UInt32.max),
      "service \(service), row \(row)")
    var stream = Philox(seed: seed, purpose: "random score", index: service << 32 | row)
    return stream.uniformFloat()
  }

  /// The scores of a service's first rows, [count].
  public func scores(service: Int, count: Int) -> [Float] {
    (0..<count).map { score(service: service, row: $0) }
  }
}
