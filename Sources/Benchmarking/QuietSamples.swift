/// Scores of one detector at the samples it is judged by: cells of services.
package struct QuietSamples: Sendable {
  /// By service; NaN where a cell is no sample of the detector.
  private let scores: [String: [Float]]
  /// The scores of the quiet samples, the greatest first.
  private let quiet: [Float]
  /// Per cell, whether it is outside of all incidents.
  private let isQuiet: [Bool]

  /// - Parameters:
  ///   - scores: By service, [cells]; NaN where a cell is no sample.
  ///   - isQuiet: Per cell, whether it lies outside of all incidents and is judged at all.
  package init(_ scores: [String: [Float]], isQuiet: [Bool]) {
    (self.scores, self.isQuiet) = (scores, isQuiet)
    quiet = scores.values.flatMap { values in
      zip(values, isQuiet).filter { $0.1 && !$0.0.isNaN }.map { $0.0 }
    }.sorted(by: >)
  }

  /// Quiet samples.
  package var count: Int { quiet.count }

  /// How many quiet samples may alarm.
  package func budget(_ share: Double) -> Int { Int((share * Double(count)).rounded(.down)) }

  /// The score that alarms are above, so that at most a share of the quiet samples alarm.
  package func limit(_ share: Double) -> Float {
    let budget = budget(share)
    return budget < count ? quiet[budget] : -.infinity
  }

  /// Whether a service alarms in one of some cells.
  package func alarms(_ service: String, in cells: [Int], quietShare: Double) -> Bool {
    let limit = limit(quietShare)
    return scores[service].map { scores in cells.contains { scores[$0] > limit } } ?? false
  }

  /// Quiet cells in which any service alarms: what a team that watches all of them at once sees.
  package func alarmedCells(quietShare: Double) -> Int {
    let limit = limit(quietShare)
    return isQuiet.indices.count { cell in
      isQuiet[cell] && scores.values.contains { $0[cell] > limit }
    }
  }

  /// The chance that random scores at the same samples do not alarm in any of some cells.
  ///
  /// Of n quiet samples k may alarm. The first sample stays below the threshold with a chance of
  /// (n − k) / (n + 1), and each that does makes the next one likelier to.
  package func chanceOfSilence(
    _ service: String, in cells: [Int], quietShare: Double
  ) -> Double {
    guard let scores = scores[service] else { return 1 }
    let (n, k) = (Double(count), Double(budget(quietShare)))
    let samples = cells.count { !scores[$0].isNaN }
    return (0..<samples).reduce(1) { $0 * (n - k + Double($1)) / (n + 1 + Double($1)) }
  }
}

/// An incident with the cells in which each kind of detector may find it.
package struct SoughtIncident: Sendable {
  /// The incident's name.
  package var id: String
  /// The service that it is in.
  package var service: String
  /// What kind it is.
  package var kind: String
  /// Cells in which metrics tell of it.
  package var metricCells: [Int]
  /// Cells with recorded logs in which it was under way.
  package var logCells: [Int]

  /// Makes an incident from its parts.
  package init(
    id: String, service: String, kind: String, metricCells: [Int], logCells: [Int]
  ) {
    (self.id, self.service, self.kind) = (id, service, kind)
    (self.metricCells, self.logCells) = (metricCells, logCells)
  }
}
