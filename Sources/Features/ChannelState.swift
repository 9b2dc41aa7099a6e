/// What every channel of a definition computes, worked out once.
struct ChannelPlan: Sendable {
  /// One feature's recipe.
  enum Step: Sendable {
    case current, missing, sinceValue
    case summary(window: Int, CatalogueFeature)
    case quantile(window: Int, Double)
    case mean(span: Int)
    case deviation(span: Int)
    case lag(Int)
    case difference(Int)
    case rateOfChange(Int)
    case missingShare(Int)
    case hourResidual, dayResidual
  }

  let steps: [Step]
  /// Lengths that `Step.summary`, `Step.quantile` and the averages' spans index.
  private(set) var summaries: [Int] = []
  private(set) var sortedWindows: [Int] = []
  private(set) var spans: [Int] = []
  /// Cells of scaled values that are kept, the current one included.
  let keptCells: Int
  /// Cells of raw values that are kept, the current one included; 0 for none.
  let keptRawCells: Int

  init(_ features: [SelectedFeature]) {
    func index(of window: Int, in list: inout [Int]) -> Int {
      if let known = list.firstIndex(of: window) { return known }
      list.append(window)
      return list.count - 1
    }
    var (summaries, sortedWindows, spans) = ([Int](), [Int](), [Int]())
    steps = features.map { selected in
      let window = selected.window ?? 1
      switch selected.feature {
      case .missing: return .missing
      case .sinceValue: return .sinceValue
      case .ewma: return .mean(span: index(of: window, in: &spans))
      case .ewmaDeviation: return .deviation(span: index(of: window, in: &spans))
      case .lag: return .lag(window)
      case .difference: return .difference(window)
      case .rateOfChange: return .rateOfChange(window)
      case .missingShare: return .missingShare(window)
      case .hourResidual: return .hourResidual
      case .dayResidual: return .dayResidual
      case .mean, .deviation, .minimum, .maximum, .trend, .excess, .roughness, .sampleDeviation,
        .slope:
        return .summary(window: index(of: window, in: &summaries), selected.feature)
      case .quantile05, .quantile25, .median, .quantile75, .quantile95, .quantile99:
        return .quantile(
          window: index(of: window, in: &sortedWindows), selected.feature.probability ?? 0.5)
      case .robustZ: return .current
      case .siblingRatio, .errorRatio, .saturation, .daySine, .dayCosine, .weekSine, .weekCosine,
        .logLevelCount, .logTemplateCount, .logUnknownRate, .logNewTemplateRate, .logEntropy,
        .logRareScore, .logErrorBurst, .logErrorRun, .logInvariants, .logNextSurprise,
        .logNextSurpriseMaximum, .logNextUnseen:
        preconditionFailure("\(selected.feature.rawValue) is no feature of a channel")
      }
    }
    (self.summaries, self.sortedWindows, self.spans) = (summaries, sortedWindows, spans)
    keptCells = features.map(\.keptCells).max() ?? 1
    keptRawCells = features.lazy.filter { $0.feature == .rateOfChange }.map(\.reach).max() ?? 0
  }
}

/// What one channel remembers between rows: bounded, whatever the number of rows.
struct ChannelState: Sendable {
  /// Up to twice `ChannelPlan.keptCells` scaled values, oldest first.
  var history: [Double] = []
  /// The same of raw values.
  var rawHistory: [Double] = []
  var averages: [ExponentialAverage]
  /// Cells since the last value; nil before the first.
  var cellsSinceValue: Int?
  private var sortedWindows: [SortedWindow]

  init(_ plan: ChannelPlan) {
    averages = plan.spans.map { ExponentialAverage(span: $0) }
    sortedWindows = plan.sortedWindows.map { SortedWindow(length: $0) }
  }

  /// Fills what follows from `history` alone, after that has been restored.
  mutating func restoreSortedWindows() {
    for index in sortedWindows.indices {
      for value in history.suffix(sortedWindows[index].length) {
        sortedWindows[index].push(value, leaving: .nan)
      }
    }
  }

  /// Takes the next value and appends the channel's features.
  ///
  /// - Parameters:
  ///   - value: The scaled value; NaN is missing.
  ///   - raw: The value in the channel's own unit.
  ///   - seasons: What the profiles expect at this instant, if there are any.
  mutating func push(
    _ value: Float, raw: Double, seasons: (hour: Float, day: Float)?, plan: ChannelPlan,
    to output: inout [Float]
  ) {
    remember(value, raw: raw, plan: plan)
    var summaries = [WindowSummary?](repeating: nil, count: plan.summaries.count)
    for step in plan.steps {
      switch step {
      case .current: output.append(value)
      case .summary(let window, let feature):
        let length = plan.summaries[window]
        let summary =
          summaries[window] ?? WindowSummary(history.suffix(length), length: length)
        summaries[window] = summary
        output.append(Float(summary(feature) ?? .nan))
      case .quantile(let window, let probability):
        output.append(Float(sortedWindows[window].quantile(probability)))
      case .mean(let span): output.append(Float(averages[span].mean))
      case .deviation(let span): output.append(Float(averages[span].variance.squareRoot()))
      case .lag(let cells): output.append(Float(Self.value(cells, before: history)))
      case .difference(let cells):
        output.append(Float(Double(value) - Self.value(cells, before: history)))
      case .rateOfChange(let cells):
        output.append(
          Float(relativeChange(from: Self.value(cells, before: rawHistory), to: raw)))
      case .missing: output.append(value.isNaN ? 1 : 0)
      case .missingShare(let window):
        let cells = history.suffix(window)
        output.append(Float(Double(cells.count { $0.isNaN }) / Double(cells.count)))
      case .sinceValue: output.append(cellsSinceValue.map(Float.init) ?? .nan)
      case .hourResidual: output.append(value - (seasons?.hour ?? .nan))
      case .dayResidual: output.append(value - (seasons?.day ?? .nan))
      }
    }
  }

  private mutating func remember(_ value: Float, raw: Double, plan: ChannelPlan) {
    Self.append(Double(value), to: &history, keeping: plan.keptCells)
    if plan.keptRawCells > 0 { Self.append(raw, to: &rawHistory, keeping: plan.keptRawCells) }
    for index in averages.indices { averages[index].push(Double(value)) }
    for index in sortedWindows.indices {
      sortedWindows[index].push(
        Double(value), leaving: Self.value(sortedWindows[index].length, before: history))
    }
    cellsSinceValue = value.isNaN ? cellsSinceValue.map { $0 + 1 } : 0
  }

  /// Appends a value; drops old ones in bulk, so that the cost of moving the rest is spread.
  private static func append(_ value: Double, to history: inout [Double], keeping kept: Int) {
    if history.count >= 2 * kept { history.removeFirst(history.count - kept + 1) }
    history.append(value)
  }

  /// The value some cells before the last, NaN before the first.
  private static func value(_ cells: Int, before history: [Double]) -> Double {
    history.count > cells ? history[history.count - 1 - cells] : .nan
  }
}

/// (after − before) / |before|; NaN where that is not finite.
func relativeChange(from before: Double, to after: Double) -> Double {
  let change = (after - before) / abs(before)
  return change.isFinite ? change : .nan
}
