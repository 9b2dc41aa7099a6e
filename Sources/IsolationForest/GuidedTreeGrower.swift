internal import LinearAlgebra

/// Grows isolation trees with all options: hyperplanes, splits by gain, missing values.
///
/// Without any of them it draws what `IsolationTreeGrower` draws and grows the same tree.
struct GuidedTreeGrower {
  private let configuration: IsolationForestConfiguration
  private let depthLimit: Int
  private var directions: SplitDirections

  /// A row of the subsample within a node, with the share of it that came here.
  struct Member {
    var row: Int
    var weight: Double
  }

  private struct Node {
    var members: [Member]
    var depth: Int
  }

  private struct Split {
    var direction: SplitDirection
    var threshold: Float
  }

  /// Takes the rows of a subsample and the columns drawn for it.
  init(
    _ sample: consuming SampleColumns, features: [UInt32],
    configuration: IsolationForestConfiguration, depthLimit: Int, generator: BufferedPhilox
  ) {
    (self.configuration, self.depthLimit) = (configuration, depthLimit)
    directions = SplitDirections(
      sample, features: features, extensionLevel: configuration.extensionLevel,
      generator: generator)
  }

  /// Adds the tree, breadth first, at the end of `trees`, and gives the rows back.
  consuming func grow(into trees: inout IsolationTrees) -> SampleColumns {
    let all = (0..<directions.sample.count).map { Member(row: $0, weight: 1) }
    var nodes = [Node(members: all, depth: 0)]
    let root = trees.nodes.count
    var next = 0
    while next < nodes.count {
      let (members, depth) = (nodes[next].members, nodes[next].depth)
      nodes[next].members = []
      next += 1
      let weight = members.reduce(0) { $0 + $1.weight }
      guard weight > 1, depth < depthLimit, let split = split(members) else {
        let length = Double(depth) + averagePathLength(weight: weight)
        trees.nodes.append(IsolationNode(pathLength: PathLength.rounded(length)))
        if configuration.missing != .reject { trees.shares.append(0) }
        continue
      }
      let left = root + nodes.count
      switch split.direction.terms {
      case nil:
        trees.nodes.append(
          IsolationNode(
            feature: split.direction.feature, threshold: split.threshold, left: left))
      case let terms?:
        trees.nodes.append(
          IsolationNode(plane: trees.planes.count, threshold: split.threshold, left: left))
        trees.planes.append(terms)
      }
      let (sides, share) = divide(members, by: split)
      if configuration.missing != .reject { trees.shares.append(share) }
      nodes.append(Node(members: sides.left, depth: depth + 1))
      nodes.append(Node(members: sides.right, depth: depth + 1))
    }
    return directions.sample
  }

  /// Draws directions and thresholds and keeps the best; nil when all the rows are equal.
  private mutating func split(_ members: [Member]) -> Split? {
    var best: (split: Split, gain: Double)?
    for _ in 0..<configuration.split.candidates {
      guard let direction = directions.draw(members) else { break }
      let found: (threshold: Float, gain: Double)
      if configuration.split == .random {
        let share = directions.generator.uniform()
        found = (threshold(direction.least, direction.greatest, at: share), 0)
      } else {
        found = configuration.split.best(zip(direction.values, members).map { ($0, $1.weight) })
      }
      if best == nil || found.gain > best?.gain ?? 0 {
        best = (Split(direction: direction, threshold: found.threshold), found.gain)
      }
    }
    return best?.split
  }

  /// The rows of both sides, and the left one's share of the rows whose value is known.
  private func divide(
    _ members: [Member], by split: Split
  ) -> (sides: (left: [Member], right: [Member]), share: Float) {
    var (left, right, missing): ([Member], [Member], [Member]) = ([], [], [])
    for (value, member) in zip(split.direction.values, members) {
      if value.isNaN {
        missing.append(member)
      } else if value <= split.threshold {
        left.append(member)
      } else {
        right.append(member)
      }
    }
    func weight(_ members: [Member]) -> Double { members.reduce(0) { $0 + $1.weight } }
    let share = Float(weight(left) / (weight(left) + weight(right)))
    switch configuration.missing {
    case .reject: break
    case .majority:
      if share >= 0.5 { left += missing } else { right += missing }
    case .both:
      left += missing.map { Member(row: $0.row, weight: $0.weight * Double(share)) }
      right += missing.map { Member(row: $0.row, weight: $0.weight * (1 - Double(share))) }
    }
    return ((left, right), share)
  }
}
