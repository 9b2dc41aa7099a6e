public import LinearAlgebra

/// What a forest grows from; any of its trees can be grown at any time, on any thread.
///
/// Tree t draws from its own stream (seed, purpose, index · 2³² + t), so that more trees, other
/// forests or another order of work never change it.
///
///     let growth = try IsolationForestGrowth(rows, seed: 7)
///     let parts = try [0..<50, 50..<100].map(growth.trees)    // each on a thread of its own
///     let forest = growth.forest(of: parts)
public struct IsolationForestGrowth: Sendable {
  /// The parameters.
  public let configuration: IsolationForestConfiguration
  /// Rows that each tree sees.
  public let subsample: Int
  private let rows: Matrix
  private let weights: WeightedDraw?
  private let seed: UInt64
  private let purpose: String
  private let index: Int

  /// Makes a growth of rows [n × columns].
  ///
  /// Only rows that a tree draws are looked at; `IsolationForest.validate` looks at all.
  ///
  /// - Parameters:
  ///   - rows: Training rows. Infinite values are errors, and so are NaN unless the configuration
  ///     says what to do with them.
  ///   - weights: How likely each row is to be drawn next, relative to the others, [n]; finite and
  ///     at least 0. Rows of weight 0 are never drawn. Nil for equal chances.
  ///   - seed: The run's seed.
  ///   - purpose: What the forest is for; tells its random numbers from others of the same seed.
  ///   - index: Which of several forests of that purpose, such as a service's number; in 0..<2³¹.
  /// - Throws: `noRows`, `invalidConfiguration`.
  public init(
    _ rows: Matrix, weights: [Double]? = nil,
    configuration: IsolationForestConfiguration = IsolationForestConfiguration(), seed: UInt64,
    purpose: String = "isolation forest", index: Int = 0
  ) throws(IsolationForestError) {
    precondition(index >= 0 && index <= Int(Int32.max), "forest number \(index)")
    try configuration.validate(rows: rows.rows)
    guard rows.rows > 0 else { throw .noRows }
    if let weights {
      precondition(weights.count == rows.rows, "\(weights.count) weights, \(rows.rows) rows")
      if let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
        throw .invalidConfiguration(
          "the weight of row \(row) is \(weights[row]), must be finite and at least 0")
      }
      guard weights.contains(where: { $0 > 0 }), weights.reduce(0, +).isFinite else {
        throw .invalidConfiguration("weights sum to \(weights.reduce(0, +)); scale them")
      }
    }
    self.weights = weights.map(WeightedDraw.init)
    subsample = min(self.weights?.drawable ?? rows.rows, configuration.subsample)
    self.rows = rows
    self.configuration = configuration
    (self.seed, self.purpose, self.index) = (seed, purpose, index)
  }

  /// Throws `invalidConfiguration` when a forest of so many trees is too large.
  func validate(trees: Int) throws(IsolationForestError) {
    var configuration = configuration
    configuration.trees = trees
    try configuration.validate(rows: rows.rows)
  }

  /// Grows some of the trees; equal for equal ranges, whoever grows the others.
  ///
  /// Takes `2 · subsample × columns` floats of memory beyond the trees.
  ///
  /// - Throws: `notFinite` with the first offending element of the first tree that drew one.
  public func trees(_ range: Range<Int>) throws(IsolationForestError) -> IsolationTrees {
    precondition(range.lowerBound >= 0 && range.upperBound <= Int(Int32.max), "trees \(range)")
    var trees = IsolationTrees(range: range)
    if configuration.isPlain {
      trees.nodes.reserveCapacity(min(range.count * (2 * subsample - 1), 1 << 20))
    }
    var draw = TreeDraw(weights: weights)
    var columns = SampleColumns(columns: rows.columns)
    let depthLimit = configuration.depth(over: subsample)
    var gathered = GatheredRows()
    var next = self.draw(range.lowerBound, with: &draw)
    gathered.begin(next.rows, of: rows)
    for tree in range {
      let current = next
      gathered.finish(of: rows)
      let found = columns.take(gathered.elements, count: current.rows.count)
      if found.infinity || (found.nan && configuration.missing == .reject) {
        throw IsolationForest.fault(rows, current.rows.sorted(), configuration.missing) ?? .noRows
      }
      if tree + 1 < range.upperBound {
        next = self.draw(tree + 1, with: &draw)
        gathered.begin(next.rows, of: rows)
      }
      trees.roots.append(trees.nodes.count)
      if configuration.isPlain {
        columns = IsolationTreeGrower(
          columns, features: current.features, depthLimit: depthLimit,
          generator: current.generator
        ).grow(into: &trees.nodes) { gathered.copy($0, of: rows) }
      } else {
        columns = GuidedTreeGrower(
          columns, features: current.features, configuration: configuration,
          depthLimit: depthLimit, generator: current.generator
        ).grow(into: &trees)
      }
    }
    return trees
  }

  /// What a tree starts from.
  private struct Start {
    var rows: [UInt32]
    var features: [UInt32]
    var generator: BufferedPhilox
  }

  /// Draws rows and columns.
  private struct TreeDraw {
    var plain = SampleDraw()
    var weights: WeightedDraw?

    init(weights: WeightedDraw?) { self.weights = weights }
  }

  private func draw(_ tree: Int, with draw: inout TreeDraw) -> Start {
    var generator = BufferedPhilox(seed: seed, purpose: purpose, index: index << 32 | tree)
    let drawn =
      draw.weights?(subsample, using: &generator)
      ?? draw.plain(subsample, below: rows.rows, using: &generator)
    let features = min(
      max(1, Int(configuration.maxFeatures * Double(rows.columns))), rows.columns)
    let chosen = draw.plain(features, below: rows.columns, using: &generator)
    return Start(rows: drawn, features: chosen, generator: generator)
  }

  /// Joins trees to a forest; where growth stops early, only as many as it takes.
  ///
  /// - Precondition: The parts follow one another from tree 0 on, one tree at least.
  public func forest(of parts: some Sequence<IsolationTrees>) -> IsolationForest {
    var trees = IsolationTrees(range: 0..<0)
    var next = 0
    for part in parts {
      precondition(part.range.lowerBound == next, "trees \(part.range) after \(next)")
      trees.append(part)
      next = part.range.upperBound
    }
    precondition(next > 0, "a forest of no trees")
    if var probe = probe(), let settled = probe.settles(trees, in: self) {
      trees.truncate(to: settled)
    }
    return forest(trees)
  }

  /// Grows the whole forest on this thread, no further than early stopping needs.
  ///
  /// - Throws: As `trees` does.
  public func forest() throws(IsolationForestError) -> IsolationForest {
    guard let step = configuration.earlyStopping?.step, var probe = probe() else {
      return forest(try trees(0..<configuration.trees))
    }
    var grown = IsolationTrees(range: 0..<0)
    var next = 0
    while next < configuration.trees {
      let end = min(next + step, configuration.trees)
      let part = try trees(next..<end)
      grown.append(part)
      if probe.settles(part, in: self) != nil { break }
      next = end
    }
    return forest(grown)
  }

  /// A forest of trees that this grew.
  func forest(_ trees: IsolationTrees) -> IsolationForest {
    IsolationForest(
      columns: rows.columns, subsample: subsample, missing: configuration.missing, trees: trees)
  }

  private func probe() -> ScoreProbe? {
    guard let stopping = configuration.earlyStopping else { return nil }
    var generator = BufferedPhilox(
      seed: seed, purpose: "\(purpose), early stopping", index: index)
    var draw = SampleDraw()
    let chosen = draw(min(stopping.rows, rows.rows), below: rows.rows, using: &generator)
    return ScoreProbe(rows.selecting(rows: chosen.map(Int.init)), stopping: stopping)
  }
}
