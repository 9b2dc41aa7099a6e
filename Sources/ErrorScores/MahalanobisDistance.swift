public import LinearAlgebra

/// How far a row of errors is from the usual ones, in units of their joint spread (Mahalanobis 1936).
///
///     distance² = (e − μ)ᵀ Σ⁻¹ (e − μ)
///
/// Missing errors are marginalised: the distance is that of the errors present, under their own means
/// and covariances.
public struct MahalanobisDistance: Hashable, Sendable {
  /// A squared distance and what each channel adds to it.
  public struct Parts: Hashable, Sendable {
    /// The squared distance.
    public var squared: Double
    /// Contributions (e − μ)ᵢ · (Σ⁻¹ (e − μ))ᵢ, which add up to the squared distance; NaN for a
    /// missing channel. One that makes the others less strange is negative.
    public var contributions: [Double]
  }

  /// Mean error of each channel, [channels].
  public let means: [Double]
  /// Covariances of the errors, symmetric, [channels × channels].
  public let covariances: [Double]

  /// Number of channels.
  public var channels: Int { means.count }

  /// Least variance of a channel, so that one that never erred does not make every error infinite.
  private static let leastVariance = 1e-6

  /// Makes a distance from its parts.
  ///
  /// - Throws: `CholeskyError` when the covariances are not positive definite.
  /// - Precondition: `covariances.count == means.count * means.count`.
  public init(means: [Double], covariances: [Double]) throws(CholeskyError) {
    (self.means, self.covariances) = (means, covariances)
    _ = try CholeskyFactor(covariances, order: means.count)
  }

  /// Fits means and covariances on errors [n × channels]; NaN are missing.
  ///
  /// - Throws: `CholeskyError` when the errors are too large to square.
  public init(fitting errors: Matrix, rule: ShrinkageRule = .ledoitWolf) throws(CholeskyError) {
    let covariance = ShrunkCovariance(of: errors, rule: rule)
    var elements = covariance.elements
    for index in 0..<errors.columns {
      let place = index * errors.columns + index
      elements[place] += max(0, Self.leastVariance - elements[place])
    }
    // Where shrinkage is too little for rounding, as of channels that repeat others.
    var ridge = 0.0
    while true {
      do {
        try self.init(means: covariance.means, covariances: elements)
        return
      } catch {
        guard case .notPositiveDefinite = error, ridge < 1 else { throw error }
        ridge = max(1e-12, ridge * 10)
        for index in 0..<errors.columns {
          elements[index * errors.columns + index] *= 1 + ridge
        }
      }
    }
  }

  /// The distance of rows in which the given channels are present; nil when rounding leaves their
  /// covariances singular.
  public func marginal(of present: [Int]) -> Marginal? { Marginal(self, present: present) }

  /// The distribution of some of the channels.
  public struct Marginal: Hashable, Sendable {
    /// The channels, ascending.
    public let present: [Int]
    private let means: [Double]
    private let channels: Int
    private let factor: CholeskyFactor

    fileprivate init?(_ whole: MahalanobisDistance, present: [Int]) {
      let matrix = present.flatMap { row in
        present.map { whole.covariances[row * whole.channels + $0] }
      }
      // A part of a positive definite matrix is one too, unless rounding intervenes.
      guard let factor = try? CholeskyFactor(matrix, order: present.count) else { return nil }
      (self.present, self.factor) = (present, factor)
      means = present.map { whole.means[$0] }
      channels = whole.channels
    }

    /// The distance of a row of errors [channels] and what it consists of.
    public func parts(_ errors: [Float]) -> Parts {
      precondition(errors.count == channels, "\(errors.count) errors for \(channels) channels")
      let centred = zip(present, means).map { Double(errors[$0]) - $1 }
      let weighted = factor.solve(centred)
      let half = factor.solveLower(centred)
      var contributions = Array(repeating: Double.nan, count: channels)
      for (place, channel) in present.enumerated() {
        contributions[channel] = centred[place] * weighted[place]
      }
      return Parts(squared: half.reduce(0) { $0 + $1 * $1 }, contributions: contributions)
    }
  }
}
