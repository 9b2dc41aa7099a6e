internal import Foundation
internal import LinearAlgebra

/// A direction to split a node along, with its rows projected onto it.
struct SplitDirection {
  /// The column; the first one of a hyperplane.
  var feature: Int
  /// The summands of a hyperplane; nil for a column as it is.
  var terms: [Hyperplanes.Term]?
  /// Where each of the node's rows lies; NaN where a value is missing.
  var values: [Float]
  /// The smallest value that is not missing, and the largest.
  var least = Float.infinity
  var greatest = -Float.infinity

  init(feature: Int, terms: [Hyperplanes.Term]? = nil, values: [Float]) {
    (self.feature, self.terms, self.values) = (feature, terms, values)
    // Comparisons, because min and max would keep a NaN.
    for value in values {
      if value < least { least = value }
      if value > greatest { greatest = value }
    }
  }

  /// Whether the rows can be told apart along it.
  var varies: Bool { least < greatest && least.isFinite && greatest.isFinite }
}

/// Draws the directions of one tree's splits.
struct SplitDirections {
  private(set) var sample: SampleColumns
  var generator: BufferedPhilox
  /// Columns to split on; those constant over the whole subsample are left out.
  private var features: [Int]
  private let extensionLevel: Int

  init(
    _ sample: consuming SampleColumns, features: [UInt32], extensionLevel: Int,
    generator: BufferedPhilox
  ) {
    self.features = features.lazy.map(Int.init).filter { [sample] in
      sample.least[$0] < sample.greatest[$0]
    }
    self.sample = sample
    (self.extensionLevel, self.generator) = (extensionLevel, generator)
  }

  /// Draws as many columns as a split combines, among those that vary within a node, and for
  /// several of them a hyperplane.
  ///
  /// Where fewer vary, fewer are combined. Nil when none does.
  mutating func draw(_ members: [GuidedTreeGrower.Member]) -> SplitDirection? {
    var chosen: [SplitDirection] = []
    // Fisher-Yates from the end: columns are not drawn twice.
    for remaining in stride(from: features.count, to: 0, by: -1) {
      features.swapAt(generator.index(below: remaining), remaining - 1)
      let feature = features[remaining - 1]
      let column = sample.column(feature)
      let direction = SplitDirection(
        feature: feature, values: members.map { column[column.startIndex + $0.row] })
      guard direction.varies else { continue }
      chosen.append(direction)
      if chosen.count > extensionLevel { break }
    }
    guard let first = chosen.first, chosen.count > 1 else { return chosen.first }
    let combined = combine(chosen, members)
    // Coefficients may cancel or leave the range of floats.
    return combined.varies ? combined : first
  }

  /// A hyperplane with normally distributed coefficients over standardised columns.
  ///
  /// Hariri, Carrasco Kind and Brunner (2019) draw normals on the unit sphere, which the direction
  /// of normally distributed numbers is; that columns are divided by their deviation within the
  /// node follows Cortes's isotree (2019), and makes the forest indifferent to units.
  private mutating func combine(
    _ columns: [SplitDirection], _ members: [GuidedTreeGrower.Member]
  ) -> SplitDirection {
    let terms = columns.map { column in
      let (mean, deviation) = moments(column.values, members)
      let limit = Double(Float.greatestFiniteMagnitude)
      return Hyperplanes.Term(
        feature: column.feature,
        coefficient: Float(max(-limit, min(normal() / deviation, limit))),
        centre: Float(max(-limit, min(mean, limit))))
    }
    let values = members.indices.map { place in
      Float(zip(terms, columns).reduce(0.0) { $0 + $1.0($1.1.values[place]) })
    }
    return SplitDirection(feature: terms[0].feature, terms: terms, values: values)
  }

  /// A standard normal number (Box and Muller 1958).
  private mutating func normal() -> Double {
    let radius = (-2 * log(1 - generator.uniform())).squareRoot()
    return radius * cos(2 * .pi * generator.uniform())
  }

  /// Weighted mean and standard deviation of the values that are not missing.
  private func moments(
    _ values: [Float], _ members: [GuidedTreeGrower.Member]
  ) -> (mean: Double, deviation: Double) {
    var (weight, sum) = (0.0, 0.0)
    for (value, member) in zip(values, members) where !value.isNaN {
      weight += member.weight
      sum += member.weight * Double(value)
    }
    let mean = sum / weight
    var squares = 0.0
    for (value, member) in zip(values, members) where !value.isNaN {
      squares += member.weight * (Double(value) - mean) * (Double(value) - mean)
    }
    return (mean, (squares / weight).squareRoot())
  }
}
