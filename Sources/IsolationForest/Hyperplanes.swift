/// Splits that combine several columns: sums of weighted distances from a centre.
///
///     p(x) = Σ coefficient (x[feature] − centre)
///
/// The centre is the mean of the node's rows, so that a missing value, which counts as the centre,
/// adds nothing. Terms of all hyperplanes lie one after another.
struct Hyperplanes: Hashable, Sendable {
  /// Where each hyperplane's terms begin, and where the last one's end.
  private(set) var starts = [0]
  private(set) var features: [Int32] = []
  private(set) var coefficients: [Float] = []
  private(set) var centres: [Float] = []

  /// One summand.
  struct Term: Hashable {
    var feature: Int
    var coefficient: Float
    var centre: Float

    /// The summand for a value; 0 for a missing one.
    func callAsFunction(_ value: Float) -> Double {
      value.isNaN ? 0 : Double(coefficient) * (Double(value) - Double(centre))
    }
  }

  /// Makes none.
  init() {}

  /// Makes hyperplanes from stored figures; nil when they are none for rows of so many columns.
  init?(
    starts: [Int], features: [Int32], coefficients: [Float], centres: [Float], columns: Int
  ) {
    guard starts.first == 0, starts.last == features.count,
      zip(starts, starts.dropFirst()).allSatisfy(<), coefficients.count == features.count,
      centres.count == features.count, features.allSatisfy({ $0 >= 0 && $0 < columns }),
      (coefficients + centres).allSatisfy(\.isFinite)
    else { return nil }
    (self.starts, self.features) = (starts, features)
    (self.coefficients, self.centres) = (coefficients, centres)
  }

  var count: Int { starts.count - 1 }
  var isEmpty: Bool { count == 0 }

  func terms(_ plane: Int) -> some Collection<Term> {
    (starts[plane]..<starts[plane + 1]).lazy.map {
      Term(feature: Int(features[$0]), coefficient: coefficients[$0], centre: centres[$0])
    }
  }

  /// Where a row lies along a hyperplane's direction, to be compared with a node's threshold.
  func projection(_ plane: Int, of row: Span<Float>) -> Float {
    var sum = 0.0
    for place in starts[plane]..<starts[plane + 1] {
      let value = row[Int(features[place])]
      if !value.isNaN {
        sum += Double(coefficients[place]) * (Double(value) - Double(centres[place]))
      }
    }
    return Float(sum)
  }

  mutating func append(_ terms: [Term]) {
    for term in terms {
      features.append(Int32(term.feature))
      coefficients.append(term.coefficient)
      centres.append(term.centre)
    }
    starts.append(features.count)
  }

  mutating func append(_ other: Hyperplanes) {
    starts.append(contentsOf: other.starts.dropFirst().map { $0 + features.count })
    features.append(contentsOf: other.features)
    coefficients.append(contentsOf: other.coefficients)
    centres.append(contentsOf: other.centres)
  }

  /// Keeps the first hyperplanes only.
  mutating func truncate(to planes: Int) {
    let end = starts[planes]
    starts.removeSubrange((planes + 1)...)
    features.removeSubrange(end...)
    coefficients.removeSubrange(end...)
    centres.removeSubrange(end...)
  }
}
