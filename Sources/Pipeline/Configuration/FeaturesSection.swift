internal import Features
internal import Telemetry

extension PipelineConfiguration.FeaturesSection {
  init(_ node: ConfigurationNode, interval: TimeSpan) throws {
    try node.check(keys: [
      "windows", "set", "add", "tracked_templates", "logs", "minimum_coverage",
      "daily_course",
    ])
    if let list = try node.optional("windows") {
      windows = try list.windows(interval: interval, shortest: 2)
    }
    set = try node.optional("set")?.word() ?? set
    if let list = try node.optional("add") {
      added = try list.elements.map { element in
        try PipelineConfiguration.AddedFeature(element, interval: interval)
      }
    }
    trackedTemplates = try node.optional("tracked_templates")?.integer(0...256) ?? trackedTemplates
    logs = try node.optional("logs")?.bool ?? logs
    dailyCourse = try node.optional("daily_course")?.bool ?? dailyCourse
    minimumCoverage = try node.optional("minimum_coverage")?.number(0...1) ?? minimumCoverage
  }
}

extension PipelineConfiguration.AddedFeature {
  /// Reads a name, or a mapping of a name and windows.
  init(_ node: ConfigurationNode, interval: TimeSpan) throws {
    guard node.isMapping else {
      (feature, windows) = (try node.catalogueFeature, nil)
      return
    }
    try node.check(keys: ["name", "windows"])
    feature = try node.required("name").catalogueFeature
    windows = nil
    guard let list = try node.optional("windows") else { return }
    guard let shortest = feature.shortestWindow else {
      throw list.expected("no windows: \(feature.rawValue) has none")
    }
    windows = try list.windows(interval: interval, shortest: shortest)
  }
}

extension ConfigurationNode {
  /// The name of a feature of the catalogue.
  fileprivate var catalogueFeature: CatalogueFeature {
    get throws {
      let name = try string
      guard let feature = CatalogueFeature(rawValue: name) else {
        let hint = guess(name, among: CatalogueFeature.allCases.map(\.rawValue))
        throw expected(
          "a feature of the catalogue\(hint); 'autopilot features list' shows them all")
      }
      return feature
    }
  }

  /// A number of cells such as `50 cells`; nil for anything else.
  private func cells(_ range: ClosedRange<Int>) throws -> Int? {
    let words = try string.split(separator: " ")
    guard words.count == 2, words[1] == "cells" else { return nil }
    guard let count = Int(words[0]), range.contains(count) else {
      throw expected("from \(range.lowerBound) to \(range.upperBound) cells")
    }
    return count
  }

  /// A list of windows in ascending order.
  fileprivate func windows(interval: TimeSpan, shortest: Int) throws -> [TimeSpan] {
    var windows: [TimeSpan] = []
    for element in try elements {
      let window =
        try element.cells(shortest...SelectedFeature.longestWindow).map { interval * $0 }
        ?? element.duration(atLeast: interval * shortest)
      guard window.milliseconds % interval.milliseconds == 0 else {
        throw element.expected("a multiple of reader.interval (\(interval))")
      }
      guard window.milliseconds / interval.milliseconds <= SelectedFeature.longestWindow else {
        throw element.expected("at most 100,000 cells of reader.interval (\(interval))")
      }
      windows.append(window)
    }
    guard !windows.isEmpty, zip(windows, windows.dropFirst()).allSatisfy(<) else {
      throw expected("at least one window, in ascending order")
    }
    return windows
  }
}
