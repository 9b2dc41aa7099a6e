/// Parameters of an Isolation Forest; where scikit-learn has one of the same name, meaning and
/// default are the same.
public struct IsolationForestConfiguration: Hashable, Sendable {
  /// Number of trees, at least 1; the most there will be when growth stops early.
  public var trees: Int
  /// Rows drawn without replacement for each tree, at least 1; all rows when there are fewer.
  public var subsample: Int
  /// Share of the columns that a tree may split on, within (0, 1]; at least one column.
  ///
  /// Each tree draws its own columns.
  public var maxFeatures: Double
  /// Depth at which a tree ends, at least 1; nil for ⌈log₂ subsample⌉, at least 1: whatever is
  /// not isolated by then is not anomalous.
  public var depthLimit: Int?
  /// Columns that a split combines beyond one, at least 0 and at most all but one: the extension
  /// level of Hariri, Carrasco Kind and Brunner (2019). At 0 splits are on one column each.
  public var extensionLevel: Int
  /// How a node chooses its split.
  public var split: SplitRule
  /// What happens to missing values.
  public var missing: MissingValues
  /// When to stop before `trees`; nil for never.
  public var earlyStopping: EarlyStopping?

  /// Makes a configuration.
  public init(
    trees: Int = 100, subsample: Int = 256, maxFeatures: Double = 1, depthLimit: Int? = nil,
    extensionLevel: Int = 0, split: SplitRule = .random, missing: MissingValues = .reject,
    earlyStopping: EarlyStopping? = nil
  ) {
    (self.trees, self.subsample, self.maxFeatures) = (trees, subsample, maxFeatures)
    (self.depthLimit, self.extensionLevel) = (depthLimit, extensionLevel)
    (self.split, self.missing, self.earlyStopping) = (split, missing, earlyStopping)
  }

  /// Whether trees are those of the first paper, which have a grower of their own.
  var isPlain: Bool { extensionLevel == 0 && split == .random && missing == .reject }

  /// The depth at which a tree over some rows ends.
  func depth(over rows: Int) -> Int {
    // A split leaves each side at least one row fewer.
    if let depthLimit { return min(depthLimit, max(1, rows - 1)) }
    // ⌈log₂ n⌉, at least 1.
    return max(1, Int.bitWidth - (rows - 1).leadingZeroBitCount)
  }

  /// Throws `IsolationForestError.invalidConfiguration` when a parameter is out of its range.
  func validate(rows: Int) throws(IsolationForestError) {
    if let fault = fault(rows: rows) { throw .invalidConfiguration(fault) }
  }

  private func fault(rows: Int) -> String? {
    guard trees >= 1 else { return "trees is \(trees), must be at least 1" }
    guard subsample >= 1 else { return "subsample is \(subsample), must be at least 1" }
    guard maxFeatures > 0, maxFeatures <= 1 else {
      return "maxFeatures is \(maxFeatures), must be within (0, 1]"
    }
    if let depthLimit, depthLimit < 1 { return "depthLimit is \(depthLimit), must be at least 1" }
    guard extensionLevel >= 0 else {
      return "extensionLevel is \(extensionLevel), must be at least 0"
    }
    guard (1...10_000).contains(split.candidates) else {
      return "a split compares \(split.candidates) candidates, must be from 1 to 10000"
    }
    if missing == .both, extensionLevel > 0 {
      return "missing values go both ways at splits on one column only; "
        + "set extensionLevel to 0 or missing to majority"
    }
    if let fault = earlyStopping?.fault { return fault }
    // Node numbers are 32-bit. A tree over n rows has at most 2n − 1 nodes; with rows on both sides
    // of splits, at most n nodes a level still hold more than one row's weight.
    let drawn = min(rows, subsample)
    let each = missing == .both ? 2 * drawn * min(depth(over: drawn) + 1, drawn + 1) : 2 * drawn
    let (nodes, overflow) = trees.multipliedReportingOverflow(by: each)
    guard rows < Int(Int32.max), !overflow, nodes <= Int(Int32.max) else {
      return "\(trees) trees of \(drawn) of \(rows) rows are too large; lower either"
    }
    return nil
  }
}
