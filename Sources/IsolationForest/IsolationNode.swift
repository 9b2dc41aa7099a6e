/// A node of an isolation tree, 12 bytes.
///
/// Nodes of all trees lie in one array, each tree breadth first, so that the upper levels, which
/// every row visits, share cache lines. A right child follows its left sibling.
struct IsolationNode: Hashable, Sendable {
  /// The column to compare, `leaf`, or −2 − p for the hyperplane p.
  var feature: Int32
  /// The threshold of a split; the path length of a leaf.
  var value: Float
  /// Where the left child is in the array of all nodes; 0 in a leaf.
  var left: Int32

  /// Marks a node without children.
  static let leaf: Int32 = -1

  /// Makes a node from stored figures, which may be anything.
  init(feature: Int32, value: Float, left: Int32) {
    (self.feature, self.value, self.left) = (feature, value, left)
  }

  /// Makes a node that splits.
  init(feature: Int, threshold: Float, left: Int) {
    (self.feature, value, self.left) = (Int32(feature), threshold, Int32(left))
  }

  /// Makes a node that splits on a hyperplane.
  init(plane: Int, threshold: Float, left: Int) {
    self.init(feature: -2 - plane, threshold: threshold, left: left)
  }

  /// Makes a leaf.
  init(pathLength: Float) { (feature, value, left) = (Self.leaf, pathLength, 0) }

  /// Whether the node has no children.
  var isLeaf: Bool { feature == Self.leaf }

  /// The hyperplane that the node splits on; nil for a leaf or a split on one column.
  var plane: Int? { feature < Self.leaf ? -2 - Int(feature) : nil }

  /// The node among others: with so many nodes and hyperplanes before them.
  func moved(nodes: Int, planes: Int) -> IsolationNode {
    IsolationNode(
      feature: plane == nil ? feature : feature - Int32(planes), value: value,
      left: isLeaf ? 0 : left + Int32(nodes))
  }
}
