internal import LogTemplates
internal import Telemetry

/// Features of a service's logs over windows of cells.
///
/// What is kept are counts, which are whole; every value is computed from those of its window afresh.
/// So the values of a cell depend on the window's content alone, in whatever way it was reached.
struct LogFeatures: Sendable {
  private enum Measure: Sendable {
    case level(LogLevel)
    case template(Int)
    case otherTemplates
    case unknownRate, newTemplateRate, entropy, rareScore, errorBurst, errorRun, violations
    case nextSurprise, nextSurpriseMost, nextUnseen
  }

  private struct Recipe: Sendable {
    var measure: Measure
    /// Index into `windows`.
    var window: Int
  }

  /// The features' names, in the order of `push`.
  private(set) var names: [String] = []
  private var recipes: [Recipe] = []
  private var windows: [LogWindow] = []
  /// Up to twice `keptCells` and one more, oldest first; nil where logs were not recorded.
  private(set) var history: [LogCell?] = []
  private let tracked: [Int]
  private let surprise: [Double]
  private let invariants: [CountInvariant]
  private var following: TransitionSurprise?
  /// Templates that have a number, and all others as one more.
  let width: Int

  /// Works out what is computed; nothing when the service has no logs.
  ///
  /// - Parameter profile: What is usual; without it the features that need it are missing.
  init(_ definition: FeatureDefinition, logs: LogChannels?, profile: LogProfile?) {
    width = (logs?.dictionary.templates.count ?? 0) + 1
    tracked = logs?.tracked ?? []
    surprise = profile?.surprise ?? []
    invariants = profile?.invariants ?? []
    following = profile?.transitions.map { [width] in TransitionSurprise($0, width: width) }
    guard let logs else { return }
    for selected in definition.selected where selected.feature.scope == .logs {
      let length = selected.feature == .logNewTemplateRate ? selected.reach : selected.window ?? 1
      let index = windows.firstIndex { $0.length == length } ?? windows.count
      if index == windows.count { windows.append(LogWindow(length: length, templates: width - 1)) }
      let span = "\(definition.interval * (selected.window ?? 1))"
      for (part, measure) in Self.measures(of: selected.feature, logs) {
        names.append("\(selected.feature.rawValue)(\(part.map { "\($0), " } ?? "")\(span))")
        recipes.append(Recipe(measure: measure, window: index))
      }
    }
  }

  /// What a feature of the catalogue consists of.
  private static func measures(
    of feature: CatalogueFeature, _ logs: LogChannels
  ) -> [(part: String?, measure: Measure)] {
    switch feature {
    case .logLevelCount: LogLevel.allCases.map { ($0.name, .level($0)) }
    case .logTemplateCount:
      logs.tracked.map { (logs.dictionary.templates[$0].id.description, .template($0)) }
        + [("other", .otherTemplates)]
    case .logUnknownRate: [(nil, .unknownRate)]
    case .logNewTemplateRate: [(nil, .newTemplateRate)]
    case .logEntropy: [(nil, .entropy)]
    case .logRareScore: [(nil, .rareScore)]
    case .logErrorBurst: [(nil, .errorBurst)]
    case .logErrorRun: [(nil, .errorRun)]
    case .logInvariants: [(nil, .violations)]
    case .logNextSurprise: [(nil, .nextSurprise)]
    case .logNextSurpriseMaximum: [(nil, .nextSurpriseMost)]
    case .logNextUnseen: [(nil, .nextUnseen)]
    default: preconditionFailure("\(feature.rawValue) is no feature of logs")
    }
  }

  /// Whether any feature looks at what followed what.
  var seesTransitions: Bool { following != nil }

  /// Cells that the longest window reaches over.
  var keptCells: Int { windows.map(\.length).max() ?? 0 }

  /// Takes the next cell, nil when logs were not recorded, and appends its features.
  mutating func push(_ cell: LogCell?, to output: inout [Float]) {
    guard !recipes.isEmpty else { return }
    var cell = cell
    if let transitions = cell?.transitions {
      cell?.surprise = following?.summary(transitions) ?? LogCell.Surprise()
      cell?.transitions = []
    }
    remember(cell)
    for recipe in recipes {
      let window = windows[recipe.window]
      let value =
        window.isEnough ? self.value(recipe.measure, of: cell, window) : .nan
      output.append(Float(value))
    }
  }

  /// Takes a cell without looking at the result.
  mutating func remember(_ cell: LogCell?) {
    if history.count > 2 * keptCells { history.removeFirst(history.count - keptCells) }
    history.append(cell)
    for index in windows.indices {
      windows[index].add(cell)
      let leaving = history.count - 1 - windows[index].length
      if leaving >= 0 { windows[index].remove(history[leaving]) }
    }
  }

  /// Starts anew.
  mutating func forget() {
    history = []
    for index in windows.indices {
      windows[index] = LogWindow(length: windows[index].length, templates: width - 1)
    }
  }

  private func value(_ measure: Measure, of cell: LogCell?, _ window: LogWindow) -> Double {
    switch measure {
    case .level(let level): return rate(window.levels[level.rawValue], window)
    case .template(let number): return rate(window.templates[number], window)
    case .otherTemplates:
      let known = window.templates.dropLast().reduce(0, +)
      return rate(tracked.reduce(known) { $0 - window.templates[$1] }, window)
    case .unknownRate: return share(window.templates[width - 1], of: window.lines)
    case .newTemplateRate:
      guard let cell, window.recorded * 2 > window.length else { return .nan }
      let new = cell.templates.count { window.templates[$0.number] == $0.lines }
      return share(new, of: cell.templates.count)
    case .entropy:
      let all = Double(window.lines)
      return window.templates.reduce(0) { sum, lines in
        guard lines > 0 else { return sum }
        let share = Double(lines) / all
        return sum - share * naturalLogarithm(share)
      }
    case .rareScore:
      guard !surprise.isEmpty else { return .nan }
      return zip(window.templates, surprise).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    case .errorBurst:
      guard let cell else { return .nan }
      return logOfOnePlus(Double(cell.errors))
        - rate(window.levels[LogLevel.error.rawValue], window)
    case .errorRun:
      guard cell != nil else { return .nan }
      let recorded = history.suffix(window.length).reversed().lazy.compactMap { $0 }
      return Double(recorded.prefix { $0.errors > 0 }.reduce(0) { sum, _ in sum + 1 })
    case .violations:
      guard !surprise.isEmpty else { return .nan }
      return logOfOnePlus(
        invariants.reduce(0) { $0 + $1.missing(in: window.templates) })
    case .nextSurprise:
      return window.pairs > 0
        ? Double(window.bits) * TransitionSurprise.unit / Double(window.pairs) : .nan
    case .nextSurpriseMost:
      let most = history.suffix(window.length).lazy.compactMap { $0?.surprise.most }.max() ?? 0
      return window.pairs > 0 ? Double(most) * TransitionSurprise.unit : .nan
    case .nextUnseen:
      return window.pairs > 0 ? share(window.unseen, of: window.pairs) : .nan
    }
  }

  /// ln(1 + lines per recorded cell).
  private func rate(_ lines: Int, _ window: LogWindow) -> Double {
    logOfOnePlus(Double(lines) / Double(window.recorded))
  }

  /// A share, 0 of nothing.
  private func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}
