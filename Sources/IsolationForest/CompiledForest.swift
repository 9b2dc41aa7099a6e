internal import CForestKernels
public import LinearAlgebra

/// A forest prepared for fast scoring.
///
/// Scores are those of the forest it was made from, bit for bit, on every processor. Preparing takes
/// about as long as growing; a prepared forest is a value that any number of threads may use.
///
/// Many rows descend the trees in the lanes of vector registers, single rows several trees at once;
/// Sources/CForestKernels says how. What neither can hold, such as splits on hyperplanes, is scored
/// by the forest itself.
public struct CompiledForest: Sendable {
  /// A way to compute the scores.
  package enum Path: CaseIterable, Sendable {
    case forest, nodes, neon, avx2, avx512
  }

  /// Rows whose path lengths are held at once.
  private static let block = 4096

  /// The forest that gives the scores.
  public let forest: IsolationForest
  private let formula: ScoreFormula
  private let nodes: NodeForest?
  private let lanes: LaneForest?
  private let best = Path.best

  /// What happens to missing values.
  public var missing: MissingValues { forest.missing }

  /// Prepares a forest.
  ///
  /// - Parameter manyRows: Whether many rows will be scored at once; preparing for single rows alone
  ///   takes less time and memory.
  public init(_ forest: IsolationForest, manyRows: Bool = true) {
    self.forest = forest
    formula = ScoreFormula(subsample: forest.subsample, trees: forest.trees)
    nodes = NodeForest(forest)
    lanes = manyRows ? LaneForest(forest) : nil
  }

  /// The anomaly score of a row [columns], as `IsolationForest.score`.
  ///
  /// - Precondition: `row.count == columns`.
  public func score(_ row: Span<Float>) -> Float {
    guard let nodes, !goesBothWays(row) else { return forest.score(row) }
    return formula(units: nodes.sum(row))
  }

  /// The anomaly score of a row [columns].
  public func score(_ row: ArraySlice<Float>) -> Float { score(row.span) }

  /// The anomaly scores of rows [n × columns], [n].
  public func scores(_ rows: Matrix) -> [Float] { scores(rows, in: 0..<rows.rows) }

  /// The anomaly scores of some consecutive rows, for callers that share rows among threads.
  ///
  /// - Precondition: `range` is within `0..<rows.rows`, and the rows have the forest's columns.
  public func scores(_ rows: Matrix, in range: Range<Int>) -> [Float] {
    precondition(
      rows.columns == forest.columns,
      "rows of \(rows.columns) for a forest of \(forest.columns) columns")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows.rows, "rows \(range) of \(rows.rows)")
    var result = [Float](repeating: 0, count: range.count)
    var scores = result.mutableSpan
    let elements = range.lowerBound * rows.columns..<range.upperBound * rows.columns
    score(rows.elements.span.extracting(elements), into: &scores)
    return result
  }

  /// Writes the anomaly scores of rows [n × columns], which lie one after another, to `scores` [n].
  ///
  /// - Precondition: `rows.count == scores.count * columns`.
  public func score(_ rows: Span<Float>, into scores: inout MutableSpan<Float>) {
    let isMany = scores.count >= LaneForest.leastRows
    for path in isMany ? [best, .nodes, .forest] : [.nodes, .forest]
    where score(rows, into: &scores, by: path) { return }
  }

  /// The same in a given way.
  ///
  /// - Returns: Whether this processor and this forest allow it; without that nothing is written.
  package func score(
    _ rows: Span<Float>, into scores: inout MutableSpan<Float>, by path: Path
  ) -> Bool {
    let columns = forest.columns
    precondition(
      rows.count == scores.count * columns,
      "\(rows.count) values for \(scores.count) rows of \(columns) columns")
    guard allows(path) else { return false }
    var totals = [UInt64](repeating: 0, count: min(scores.count, Self.block))
    for start in stride(from: 0, to: scores.count, by: Self.block) {
      let end = min(start + Self.block, scores.count)
      totals.removeLast(totals.count - (end - start))
      var sums = totals.mutableSpan
      let part = rows.extracting(start * columns..<end * columns)
      if let kernel = path.kernel { lanes?.sum(part, into: &sums, path: kernel) }
      if path == .nodes { nodes?.sum(part, into: &sums) }
      for row in start..<end {
        let values = rows.extracting(row * columns..<(row + 1) * columns)
        scores[row] =
          path == .forest || goesBothWays(values)
          ? forest.score(values) : formula(units: totals[row - start])
      }
    }
    return true
  }

  private func allows(_ path: Path) -> Bool {
    guard let kernel = path.kernel else { return path == .forest || nodes != nil }
    return lanes != nil && ap_forest_has_path(kernel) != 0
  }

  /// Whether a row takes both sides of a split, which only the forest itself knows to do.
  private func goesBothWays(_ row: Span<Float>) -> Bool {
    guard forest.missing == .both else { return false }
    for column in 0..<row.count where row[column].isNaN { return true }
    return false
  }
}

extension CompiledForest.Path {
  /// The way's name in C; nil for those without vectors.
  fileprivate var kernel: ap_forest_path? {
    switch self {
    case .forest, .nodes: nil
    case .neon: AP_FOREST_NEON
    case .avx2: AP_FOREST_AVX2
    case .avx512: AP_FOREST_AVX512
    }
  }

  /// The fastest way on this processor.
  fileprivate static var best: CompiledForest.Path {
    switch ap_forest_best_path() {
    case AP_FOREST_AVX512: .avx512
    case AP_FOREST_AVX2: .avx2
    case AP_FOREST_NEON: .neon
    default: .nodes
    }
  }
}
