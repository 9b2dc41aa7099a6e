/// Features of whole series at once: what `FeatureExtractor` computes row by row, vectorised and equal
/// bit for bit.
public struct ColumnFeatures: Sendable {
  /// What is computed, in the order of the columns.
  public let features: [SelectedFeature]
  private let plan: ChannelPlan

  /// Chooses features of single series.
  ///
  /// - Precondition: Features of the scope `channel` that need no profile of days and weeks.
  public init(_ features: [SelectedFeature]) {
    precondition(
      features.allSatisfy { $0.feature.scope == .channel && !$0.feature.isSeasonal },
      "features that a series alone does not have")
    self.features = features
    plan = ChannelPlan(features)
  }

  /// Computes all features of a series.
  ///
  /// - Parameters:
  ///   - values: One value per cell, oldest first; NaN is missing.
  ///   - output: [features × cells], a column for each feature.
  /// - Precondition: `output.count == features.count * values.count`
  public func compute(_ values: [Double], into output: inout [Double]) {
    precondition(
      output.count == features.count * values.count,
      "\(output.count) places for \(features.count) features of \(values.count) cells")
    var kernels = WindowKernels(values)
    for (index, length) in plan.summaries.enumerated() {
      var columns: [(feature: CatalogueFeature, column: Int)] = []
      for (column, step) in plan.steps.enumerated() {
        guard case .summary(index, let feature) = step else { continue }
        columns.append((feature, column))
      }
      kernels.summarise(window: length, columns: columns, into: &output)
    }
    var spans = plan.spans.map { (span: $0, mean: Int?.none, deviation: Int?.none) }
    for (column, step) in plan.steps.enumerated() {
      switch step {
      case .mean(let span): spans[span].mean = column
      case .deviation(let span): spans[span].deviation = column
      case .quantile(let window, let probability):
        kernels.quantile(
          probability, window: plan.sortedWindows[window], column: column, into: &output)
      default: fill(column, step, kernels, &output)
      }
    }
    for first in stride(from: 0, to: spans.count, by: 4) {
      kernels.averages(spans: spans[first..<min(first + 4, spans.count)], into: &output)
    }
  }

  /// The features that need no kernel.
  private func fill(
    _ column: Int, _ step: ChannelPlan.Step, _ kernels: borrowing WindowKernels,
    _ output: inout [Double]
  ) {
    let values = kernels.values
    let start = column * values.count
    var cellsSinceValue = Double.nan
    for position in values.indices {
      let value = values[position]
      func earlier(_ cells: Int) -> Double { position >= cells ? values[position - cells] : .nan }
      switch step {
      case .current: output[start + position] = value
      case .lag(let cells): output[start + position] = earlier(cells)
      case .difference(let cells): output[start + position] = value - earlier(cells)
      case .rateOfChange(let cells):
        output[start + position] = relativeChange(from: earlier(cells), to: value)
      case .missing: output[start + position] = value.isNaN ? 1 : 0
      case .missingShare(let window):
        let cells = min(position + 1, window)
        let missing = cells - kernels.presentValues(at: position, length: window)
        output[start + position] = Double(missing) / Double(cells)
      case .sinceValue:
        cellsSinceValue = value.isNaN ? cellsSinceValue + 1 : 0
        output[start + position] = cellsSinceValue
      case .summary, .quantile, .mean, .deviation, .hourResidual, .dayResidual: return
      }
    }
  }
}
