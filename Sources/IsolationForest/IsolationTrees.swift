/// Some consecutive trees of a forest, grown but not yet joined with the others.
public struct IsolationTrees: Hashable, Sendable {
  /// Which trees of the forest these are.
  public let range: Range<Int>
  /// Where each tree begins in `nodes`.
  var roots: [Int] = []
  /// The nodes; children are counted from the first of these trees.
  var nodes: [IsolationNode] = []
  /// Per node, the share of its rows that went left; empty where missing values are rejected.
  var shares: [Float] = []
  /// The hyperplanes of nodes that split on several columns.
  var planes = Hyperplanes()

  init(range: Range<Int>) { self.range = range }

  /// Adds the trees that follow.
  mutating func append(_ other: IsolationTrees) {
    let (node, plane) = (nodes.count, planes.count)
    if node == 0 {
      (roots, nodes, shares, planes) = (other.roots, other.nodes, other.shares, other.planes)
      return
    }
    roots.append(contentsOf: other.roots.map { $0 + node })
    nodes.append(contentsOf: other.nodes.lazy.map { $0.moved(nodes: node, planes: plane) })
    shares.append(contentsOf: other.shares)
    planes.append(other.planes)
  }

  /// Keeps the first trees only.
  mutating func truncate(to trees: Int) {
    guard trees < roots.count else { return }
    let end = roots[trees]
    planes.truncate(to: nodes[end...].lazy.compactMap(\.plane).first ?? planes.count)
    nodes.removeSubrange(end...)
    if !shares.isEmpty { shares.removeSubrange(end...) }
    roots.removeSubrange(trees...)
  }
}
