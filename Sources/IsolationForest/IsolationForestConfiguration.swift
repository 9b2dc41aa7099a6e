/// Parameters of an Isolation Forest; their meaning and defaults are those of scikit-learn.
public struct IsolationForestConfiguration: Hashable, Sendable {
  /// Number of trees, at least 1.
  public var trees: Int
  /// Rows drawn without replacement for each tree, at least 1; all rows when there are fewer.
  ///
  /// A tree grows to depth ⌈log₂ rows⌉, at least 1: whatever is not isolated by then is not
  /// anomalous.
  public var subsample: Int
  /// Share of the columns that a tree may split on, within (0, 1]; at least one column.
  ///
  /// Each tree draws its own columns.
  public var maxFeatures: Double

  /// Makes a configuration.
  public init(trees: Int = 100, subsample: Int = 256, maxFeatures: Double = 1) {
    (self.trees, self.subsample, self.maxFeatures) = (trees, subsample, maxFeatures)
  }

  /// Throws `IsolationForestError.invalidConfiguration` when a parameter is out of its range.
  func validate(rows: Int) throws(IsolationForestError) {
    guard trees >= 1 else {
      throw .invalidConfiguration("trees is \(trees), must be at least 1")
    }
    guard subsample >= 1 else {
      throw .invalidConfiguration("subsample is \(subsample), must be at least 1")
    }
    guard maxFeatures > 0, maxFeatures <= 1 else {
      throw .invalidConfiguration("maxFeatures is \(maxFeatures), must be within (0, 1]")
    }
    // Node numbers are 32-bit; a tree over n rows has at most 2n − 1 nodes.
    let (nodes, overflow) = trees.multipliedReportingOverflow(by: 2 * min(rows, subsample))
    guard !overflow, nodes <= Int(Int32.max) else {
      throw .invalidConfiguration("\(trees) trees of \(subsample) rows are too large; lower either")
    }
  }
}
