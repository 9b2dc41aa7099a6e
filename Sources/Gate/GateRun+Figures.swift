internal import Evaluation
internal import Telemetry

extension GateRun {
  /// The candidate's own figures beside what they must reach.
  func floors(_ row: DetectorResult) -> [GateFinding] {
    GatePolicy.Figure.allCases.compactMap { figure in
      guard let limit = policy.floors[figure] else { return nil }
      let check = "floor \(figure.rawValue)"
      guard let value = figure.value(of: row) else {
        return GateFinding(
          check, .inconclusive, "the candidate has no \(figure.rawValue) in the common test time")
      }
      let isReached = figure.isLowerBetter ? value <= limit : value >= limit
      return GateFinding(
        check, isReached ? .passed : .regression,
        "\(number(value)), \(figure.isLowerBetter ? "at most" : "at least") \(number(limit)) "
          + (isReached ? "as asked for" : "is asked for"), candidate: value)
    }
  }

  /// Differences to the baseline beside what is tolerated.
  func tolerances(_ test: CommonTest) throws -> [GateFinding] {
    guard test.scores.count == 2, !policy.tolerances.isEmpty else { return [] }
    let differences = try test.result.pairedDifferences(test.scores[1], test.scores[0])
    return GatePolicy.Figure.allCases.compactMap { figure in
      guard let tolerance = policy.tolerances[figure],
        let difference = differences.first(where: { $0.metric == figure.rawValue })
      else { return nil }
      return finding(figure, difference, tolerance)
    }
  }

  private func finding(
    _ figure: GatePolicy.Figure, _ difference: PairedDifference, _ tolerance: Double
  ) -> GateFinding {
    let check = "tolerance \(figure.rawValue)"
    func ended(_ outcome: GateOutcome, _ text: String) -> GateFinding {
      GateFinding(
        check, outcome, text, candidate: difference.second, baseline: difference.first)
    }
    guard let change = difference.difference else {
      return ended(.inconclusive, "one of the two has no \(figure.rawValue)")
    }
    // Positive where the candidate is the better one.
    let gain = figure.isLowerBetter ? -change : change
    let values =
      "\(number(difference.second ?? .nan)) after \(number(difference.first ?? .nan))"
    guard let interval = difference.interval else {
      // Too few incidents for an interval: equal or better needs none.
      return gain >= 0
        ? ended(.passed, "\(values), no worse")
        : ended(.inconclusive, "\(values): too few incidents to tell")
    }
    let (low, high) =
      figure.isLowerBetter ? (-interval.high, -interval.low) : (interval.low, interval.high)
    let range = "\(values), gain \(number(gain)) (\(number(low)) to \(number(high)))"
    if low >= -tolerance { return ended(.passed, "\(range) within \(number(tolerance))") }
    if gain < -tolerance, high < 0 {
      return ended(.regression, "\(range): worse by more than \(number(tolerance))")
    }
    return ended(
      .inconclusive, "\(range): may be worse by more than \(number(tolerance)), or luck")
  }

  /// Incidents that the baseline found and the candidate lost, by parts.
  ///
  /// Within a part the pairs in which the two differ are tossed coins if neither is better: the part
  /// is a regression where more are lost on balance than allowed and coins would come to it less often
  /// than once in twenty (the exact test of McNemar, 1947, one-sided).
  func slices(_ test: CommonTest) -> [GateFinding] {
    guard let rules = policy.slices, let baseline = test.baseline else { return [] }
    let found = Dictionary(
      baseline.outcomes.map { ($0.incident, $0.isFound) }, uniquingKeysWith: { first, _ in first })
    let incidents = Dictionary(
      test.result.incidents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return rules.dimensions.flatMap { dimension -> [GateFinding] in
      let parts = Dictionary(grouping: test.candidate.outcomes) { outcome in
        incidents[outcome.incident].map { name(of: $0, dimension) } ?? ""
      }
      return parts.sorted { $0.key < $1.key }.compactMap { part, outcomes in
        guard outcomes.count >= rules.leastIncidents else { return nil }
        let lost = outcomes.filter { !$0.isFound && found[$0.incident] == true }.map(\.incident)
        let gained = outcomes.count { $0.isFound && found[$0.incident] == false }
        let check = "slice \(dimension)=\(part)"
        guard lost.count - gained > rules.lost else {
          return GateFinding(
            check, .passed, "\(outcomes.count) incidents, \(lost.count) lost, \(gained) gained")
        }
        let chance = tail(of: lost.count, among: lost.count + gained)
        return GateFinding(
          check, chance <= 0.05 ? .regression : .inconclusive,
          "lost \(lost.prefix(5).joined(separator: ", "))\(lost.count > 5 ? " and others" : "") of "
            + "\(outcomes.count) incidents, gained \(gained)"
            + (chance <= 0.05 ? "" : ": may be luck"))
      }
    }
  }

  private func name(of incident: Incident, _ dimension: String) -> String {
    switch dimension {
    case "service": incident.service ?? "*"
    case "kind": incident.kind
    case "hour": String(incident.start.description.dropFirst(11).prefix(2)) + ":00"
    default: incident.resolved - incident.start <= .hours(1) ? "up to 1 hour" : "longer than 1 hour"
    }
  }

  /// The probability that of fair coins at least `heads` show heads.
  private func tail(of heads: Int, among coins: Int) -> Double {
    var (term, sum) = (1.0, 0.0)
    for count in 0...coins {
      if count > 0 { term *= Double(coins - count + 1) / Double(count) }
      if count >= heads { sum += term }
    }
    var total = 1.0
    for _ in 0..<coins { total *= 2 }
    return sum / total
  }
}

extension GatePolicy.Figure {
  /// The figure of a row; nil where it means nothing.
  fileprivate func value(of row: DetectorResult) -> Double? {
    switch self {
    case .vusPrecisionRecall: row.quality?.vusPrecisionRecall
    case .averagePrecision: row.ranking.averagePrecision
    case .recall: row.events.recall
    case .precision: row.events.precision
    case .eventF1: row.events.f1
    case .falseAlarms: row.events.falseAlarmsPerServiceDay
    case .medianDelay: row.events.medianDelay?.seconds
    case .timeInAlert: row.timeInAlert
    }
  }
}
