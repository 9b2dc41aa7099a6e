internal import CForestKernels
internal import Foundation

/// Path lengths of leaves: multiples of 2⁻¹⁸, so that sums over trees are exact in any order and
/// every way to compute a score gives the same bits. The rounding moves a score by less than 1e-6.
enum PathLength {
  /// Units of a path length in one step down a tree.
  static let unitsPerStep = Double(AP_FOREST_UNITS)

  /// The nearest path length that can be added up exactly.
  static func rounded(_ length: Double) -> Float {
    Float((length * unitsPerStep).rounded() / unitsPerStep)
  }
}

/// The score of a row by the sum of its path lengths.
///
///     score = 2^(−E[h(x)] / c(subsample))
struct ScoreFormula: Sendable {
  /// c(subsample) for every tree together; 0 when a tree has one row and isolates nothing.
  private let expected: Double

  init(subsample: Int, trees: Int) {
    // Rounded as the leaves are, so that a tree without a cut gives one half exactly.
    expected = Double(trees) * Double(PathLength.rounded(averagePathLength(subsample)))
  }

  func callAsFunction(total: Double) -> Float {
    expected > 0 ? Float(exp2(-total / expected)) : 0.5
  }

  func callAsFunction(units: UInt64) -> Float {
    self(total: Double(units) / PathLength.unitsPerStep)
  }
}
