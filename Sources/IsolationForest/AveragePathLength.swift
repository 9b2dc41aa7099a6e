internal import Foundation

/// Average depth of the leaves of a random binary search tree with `count` leaves, which is the
/// average path length of an unsuccessful search in it.
///
///     c(n) = 2 H(n − 1) − 2 (n − 1) / n,    c(1) = 0,    c(2) = 1
///
/// Liu, Ting and Zhou (2008), equation 1, with harmonic numbers H exact to double precision. The
/// paper and scikit-learn approximate H(i) by ln i + 0.5772, which is 0.23 too small at i = 2; the
/// difference reaches a score only through leaves of few rows and is a few thousandths there.
public func averagePathLength(_ count: Int) -> Double {
  guard count > 1 else { return 0 }
  return 2 * harmonicNumber(count - 1) - 2 * Double(count - 1) / Double(count)
}

/// The same for a weight of rows that is not whole, as shares of rows with missing values are:
/// linear between neighbouring whole numbers, 0 up to one row.
func averagePathLength(weight: Double) -> Double {
  let below = Int(weight)
  let least = averagePathLength(below)
  return least + (weight - Double(below)) * (averagePathLength(below + 1) - least)
}

/// Average path lengths of leaves, those of few rows from a table.
struct LeafLengths {
  private static let shortest = (0...1024).map { averagePathLength($0) }
  private let table = Self.shortest

  /// The path length of a leaf: its depth and the average path length of its rows.
  func callAsFunction(depth: Int, rows: Int) -> Float {
    PathLength.rounded(
      Double(depth) + (rows < table.count ? table[rows] : averagePathLength(rows)))
  }

  /// The number of rows whose leaf at a depth has the given path length; at least 1.
  ///
  /// Path lengths are stored in 32 bits, which tells numbers of rows apart up to about 100,000;
  /// beyond, it is the smallest of those that share a path length.
  func rows(depth: Int, pathLength: Float) -> Int {
    var (low, high) = (1, 1)
    while self(depth: depth, rows: high) < pathLength, high < 1 << 40 {
      (low, high) = (high, 2 * high)
    }
    while low < high {
      let middle = (low + high) / 2
      if self(depth: depth, rows: middle) < pathLength { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// H(n) = Σ 1 / i for i in 1...n.
///
/// Above 64 terms the Euler-Maclaurin expansion: its first omitted term, 1 / 252 n⁶, is below
/// 1e-13.
private func harmonicNumber(_ n: Int) -> Double {
  guard n > 64 else { return (1...n).reversed().reduce(0) { $0 + 1 / Double($1) } }
  let eulerGamma = 0.577_215_664_901_532_9
  let x = Double(n)
  return log(x) + eulerGamma + 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * x * x * x * x)
}
