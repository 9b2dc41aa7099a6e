/// Two templates whose lines come in a fixed ratio: a request's first line and its last.
///
/// After Lou, Fu, Yang, Xu and Li, "Mining Invariants from Console Logs for System Problem
/// Detection" (USENIX ATC 2010), reduced to pairs with small whole factors. Of templates that all
/// belong together a tree of pairs is kept, which the other pairs follow from.
public struct CountInvariant: Hashable, Sendable {
  /// Largest factor.
  static let largestFactor = 4
  /// Cells with lines of a template that it takes to be part of an invariant.
  static let fewestCells = 10
  /// Share of the cells with lines of either template that must keep the ratio. The rest is for
  /// what begins in one cell and ends in the next.
  static let leastShare = 0.9
  /// Templates that are looked at, the commonest first.
  static let mostTemplates = 256

  /// Number of the first template.
  public var first: Int
  /// Number of the second template, greater than the first's.
  public var second: Int
  /// What lines of the first are multiplied by to equal `secondFactor` times those of the second.
  public var firstFactor: Int
  /// What lines of the second are multiplied by. The factors have no common divisor.
  public var secondFactor: Int

  /// Makes an invariant from its parts.
  public init(first: Int, second: Int, firstFactor: Int, secondFactor: Int) {
    (self.first, self.second) = (first, second)
    (self.firstFactor, self.secondFactor) = (firstFactor, secondFactor)
  }

  /// Lines that are missing from the ratio, counted in the rarer template.
  ///
  /// - Parameter lines: Lines by template.
  func missing(in lines: [Int]) -> Double {
    Double(abs(firstFactor * lines[first] - secondFactor * lines[second]))
      / Double(max(firstFactor, secondFactor))
  }

  /// Pairs of factors without a common divisor.
  private static let factors: [(first: Int, second: Int)] = {
    func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    let all = 1...largestFactor
    return all.flatMap { a in all.filter { divisor(a, $0) == 1 }.map { (a, $0) } }
  }()

  /// Finds invariants, ascending by template.
  static func find(in counts: [TemplateCounts]) -> [CountInvariant] {
    let common = counts.filter { $0.cells.count >= fewestCells }
      .sorted { ($1.lines, $0.template) < ($0.lines, $1.template) }.prefix(mostTemplates)
      .sorted { $0.template < $1.template }
    var found: [(broken: Int, invariant: CountInvariant)] = []
    for (index, first) in common.enumerated() {
      for second in common[(index + 1)...] {
        guard let invariant = candidate(first, second) else { continue }
        let (kept, broken) = invariant.judge(first, second)
        if Double(kept) >= leastShare * Double(kept + broken) { found.append((broken, invariant)) }
      }
    }
    let ordered = found.sorted {
      ($0.broken, $0.invariant.first, $0.invariant.second)
        < ($1.broken, $1.invariant.first, $1.invariant.second)
    }
    return tree(ordered.map(\.invariant))
  }

  /// The pairs without those that follow from earlier ones, ascending by template.
  private static func tree(_ pairs: [CountInvariant]) -> [CountInvariant] {
    var parents: [Int: Int] = [:]
    func root(_ template: Int) -> Int {
      var place = template
      while let next = parents[place] { place = next }
      return place
    }
    let tree = pairs.filter { pair in
      let (a, b) = (root(pair.first), root(pair.second))
      if a != b { parents[max(a, b)] = min(a, b) }
      return a != b
    }
    return tree.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// The factors that fit the lines of all cells together best; nil when even they miss by more
  /// than the share of cells that may break a ratio.
  private static func candidate(
    _ first: TemplateCounts, _ second: TemplateCounts
  ) -> CountInvariant? {
    func error(_ factors: (first: Int, second: Int)) -> Double {
      let (a, b) = (factors.first * first.lines, factors.second * second.lines)
      return Double(abs(a - b)) / Double(max(a, b))
    }
    guard let best = factors.min(by: { error($0) < error($1) }), error(best) <= 1 - leastShare
    else { return nil }
    return CountInvariant(
      first: first.template, second: second.template, firstFactor: best.first,
      secondFactor: best.second)
  }

  /// Cells with lines of either template that keep the ratio, and those that do not.
  private func judge(_ a: TemplateCounts, _ b: TemplateCounts) -> (kept: Int, broken: Int) {
    var (i, j, kept, cells) = (0, 0, 0, 0)
    while i < a.cells.count || j < b.cells.count {
      let (x, y) = (
        i < a.cells.count ? a.cells[i].cell : .max, j < b.cells.count ? b.cells[j].cell : .max
      )
      if x == y, firstFactor * a.cells[i].lines == secondFactor * b.cells[j].lines { kept += 1 }
      if x <= y { i += 1 }
      if y <= x { j += 1 }
      cells += 1
    }
    return (kept, cells - kept)
  }
}

/// Lines of one template, by cell.
struct TemplateCounts {
  /// The template's number.
  var template: Int
  /// Ascending; cells without lines are absent.
  var cells: [(cell: Int, lines: Int)]
  /// Lines in all cells.
  let lines: Int

  init(template: Int, cells: [(cell: Int, lines: Int)]) {
    (self.template, self.cells) = (template, cells)
    lines = cells.reduce(0) { $0 + $1.lines }
  }
}
