/// Pairs of templates whose lines keep a fixed ratio within nearly every request of training: a
/// call's first line and its last.
///
/// Lou, Fu, Yang, Xu and Li, "Mining Invariants from Console Logs for System Problem Detection"
/// (USENIX ATC 2010), with the lines grouped by trace and invariants reduced to pairs with small
/// whole factors. The feature `log_invariants` counts over cells instead, which cut requests in two and
/// in which one missing line hides behind another that is one too many.
public struct RequestInvariants: Hashable, Sendable {
  /// Requests of training with both templates that an invariant takes.
  public static let fewestRequests = 5
  /// Share of the requests with either template that must keep the ratio.
  public static let leastShare = 0.98
  /// Requests that may break it in any case, so that one stray request is not taken for usual where
  /// few were seen.
  public static let strayRequests = 1
  /// Largest factor.
  public static let largestFactor = 4

  /// Two templates and their ratio.
  public struct Pair: Hashable, Sendable {
    /// Number of the first template.
    public var first: Int
    /// Number of the second template, greater than the first's.
    public var second: Int
    /// What lines of the first are multiplied by to equal `secondFactor` times those of the second.
    public var firstFactor: Int
    /// What lines of the second are multiplied by. The factors have no common divisor.
    public var secondFactor: Int

    /// Makes a pair.
    public init(first: Int, second: Int, firstFactor: Int, secondFactor: Int) {
      (self.first, self.second) = (first, second)
      (self.firstFactor, self.secondFactor) = (firstFactor, secondFactor)
    }
  }

  /// The pairs, ascending by template: of templates that all belong together a tree, which the
  /// others follow from.
  public var pairs: [Pair]

  /// Makes invariants from their parts.
  public init(pairs: [Pair]) { self.pairs = pairs }

  /// Finds the invariants of requests, whatever their order.
  public init(fitting requests: some Sequence<LogRequest>) {
    var having: [Int: Int] = [:]
    var ratios: [Templates: [Ratio: Int]] = [:]
    for request in requests {
      let templates = request.lines.keys.sorted()
      for (place, first) in templates.enumerated() {
        having[first, default: 0] += 1
        for second in templates[(place + 1)...] {
          let ratio = Ratio(request.lines[first] ?? 0, request.lines[second] ?? 0)
          ratios[Templates(first: first, second: second), default: [:]][ratio, default: 0] += 1
        }
      }
    }
    var found: [(broken: Int, pair: Pair)] = []
    for (templates, seen) in ratios {
      // Of equally common ratios the smallest, so that the order of requests does not matter.
      guard
        let (ratio, kept) = seen.min(by: {
          ($1.value, $0.key.second, $0.key.first) < ($0.value, $1.key.second, $1.key.first)
        }), kept >= Self.fewestRequests,
        max(ratio.first, ratio.second) <= Self.largestFactor
      else { continue }
      let (a, b) = (having[templates.first] ?? 0, having[templates.second] ?? 0)
      guard
        max(a, b) - kept <= Self.strayRequests
          || Double(kept) >= Self.leastShare * Double(max(a, b))
      else { continue }
      // Lines a : b keep b·a = a·b, hence the factors the other way round.
      found.append(
        (
          a + b - 2 * kept,
          Pair(
            first: templates.first, second: templates.second, firstFactor: ratio.second,
            secondFactor: ratio.first)
        ))
    }
    let ordered = found.sorted {
      ($0.broken, $0.pair.first, $0.pair.second) < ($1.broken, $1.pair.first, $1.pair.second)
    }
    pairs = Self.tree(ordered.map(\.pair))
  }

  /// The pairs without those that follow from earlier ones, ascending by template.
  private static func tree(_ pairs: [Pair]) -> [Pair] {
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

  /// The places in `pairs` of the invariants that a request breaks.
  public func broken(by request: LogRequest) -> [Int] {
    pairs.indices.filter { place in
      let pair = pairs[place]
      return pair.firstFactor * (request.lines[pair.first] ?? 0)
        != pair.secondFactor * (request.lines[pair.second] ?? 0)
    }
  }

  private struct Templates: Hashable {
    var first: Int
    var second: Int
  }

  /// Lines of two templates, without a common divisor.
  private struct Ratio: Hashable {
    var first: Int
    var second: Int

    init(_ first: Int, _ second: Int) {
      var (a, b) = (first, second)
      while b != 0 { (a, b) = (b, a % b) }
      (self.first, self.second) = (first / a, second / a)
    }
  }
}
