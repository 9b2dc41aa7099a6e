internal import LinearAlgebra
internal import Telemetry

/// Computes all figures of one detector.
func judge(_ detector: DetectorScores, marks: CellMarks, plan: EvaluationPlan) -> DetectorResult {
  var keys: [UInt32] = []
  var services: [ServiceResult] = []
  var (scored, alarmed) = (0, 0)
  for (index, service) in detector.services.enumerated() {
    let cells = tally(service.scores, marks.services[index])
    let notifications = NotificationCounts(
      service.scores, marks.services[index], longest: plan.notificationCells)
    let ranked = RankedCells(keys: cells.keys)
    services.append(
      ServiceResult(
        service: service.service,
        ranking: RankingResult(
          averagePrecision: ranked.averagePrecision, prevalence: ranked.prevalence),
        trueNotifications: notifications.hits, falseAlarms: notifications.falseAlarms,
        ignoredNotifications: notifications.ignored,
        coverage: Double(cells.scored) / Double(marks.testCells),
        quality: SeriesQuality(service.scores, marks: marks.services[index], plan: plan)))
    keys += cells.keys
    scored += cells.scored
    alarmed += cells.alarmed
  }
  let ranked = RankedCells(keys: keys)
  let outcomes = marks.incidents.map { outcome(of: $0, detector: detector, grid: plan.grid) }
  let precisions = services.compactMap(\.ranking.averagePrecision)
  return DetectorResult(
    name: detector.name,
    ranking: RankingResult(
      averagePrecision: ranked.averagePrecision, prevalence: ranked.prevalence),
    meanServiceAveragePrecision: precisions.isEmpty
      ? nil : precisions.reduce(0, +) / Double(precisions.count),
    events: events(
      outcomes, services: services, ranked: ranked, interval: plan.grid.interval,
      chance: ChanceRecall(detector, marks: marks, found: outcomes.count { $0.isFound })),
    coverage: Double(scored) / Double(marks.testCells * services.count),
    timeInAlert: scored > 0 ? Double(alarmed) / Double(scored) : 0,
    outcomes: outcomes, services: services,
    quality: SeriesQuality(meanOf: services.compactMap(\.quality)))
}

private func tally(
  _ scores: [Float], _ marks: [CellMark]
) -> (keys: [UInt32], scored: Int, alarmed: Int) {
  var keys: [UInt32] = []
  var (scored, alarmed) = (0, 0)
  for (score, mark) in zip(scores, marks) where mark.contains(.test) && !score.isNaN {
    scored += 1
    if score >= alertBoundary { alarmed += 1 }
    if mark.isRanked {
      keys.append(RankedCells.key(score: score, positive: mark.contains(.positive)))
    }
  }
  return (keys, scored, alarmed)
}

private func outcome(
  of tested: TestIncident, detector: DetectorScores, grid: TimeGrid
) -> IncidentOutcome {
  var first: (cell: Int, service: String)?
  var peak: (score: Float, service: String)?
  for service in tested.services.map({ detector.services[$0] }) {
    for cell in tested.window.joined() {
      let score = service.scores[cell]
      guard !score.isNaN else { continue }
      if peak.map({ score > $0.score }) ?? true { peak = (score, service.service) }
      if score >= alertBoundary, first.map({ cell < $0.cell }) ?? true {
        first = (cell, service.service)
      }
    }
  }
  let found = first.map { grid.timestamp(at: $0.cell) }
  return IncidentOutcome(
    incident: tested.incident.id, found: found, delay: found.map { $0 - tested.incident.start },
    foundBy: first?.service, beganEarlier: tested.beganEarlier, peak: peak?.score,
    peakService: peak?.service)
}

private func events(
  _ outcomes: [IncidentOutcome], services: [ServiceResult], ranked: RankedCells,
  interval: TimeSpan, chance: ChanceRecall
) -> EventResult {
  let found = outcomes.count { $0.isFound }
  let falseAlarms = services.reduce(0) { $0 + $1.falseAlarms }
  let quietDays = Double(ranked.count - ranked.positives) * interval.seconds / 86_400
  let delays = outcomes.compactMap { $0.beganEarlier ? nil : $0.delay }
    .map { Double($0.milliseconds) }.sorted()
  func delay(_ probability: Double) -> TimeSpan? {
    guard !delays.isEmpty else { return nil }
    return TimeSpan(milliseconds: Int64(quantile(ofSorted: delays, probability).rounded()))
  }
  func recall(atQuietPercent percent: Int) -> Double? {
    guard let limit = ranked.score(exceededByQuietPercent: percent) else { return nil }
    return Double(outcomes.count { ($0.peak ?? 0) > limit }) / Double(outcomes.count)
  }
  return EventResult(
    found: found, missed: outcomes.count - found,
    trueNotifications: services.reduce(0) { $0 + $1.trueNotifications },
    falseAlarms: falseAlarms,
    ignoredNotifications: services.reduce(0) { $0 + $1.ignoredNotifications },
    falseAlarmsPerServiceDay: quietDays > 0 ? Double(falseAlarms) / quietDays : nil,
    medianDelay: delay(0.5), ninetiethDelay: delay(0.9),
    recallAtOnePercentQuiet: recall(atQuietPercent: 1),
    recallAtFivePercentQuiet: recall(atQuietPercent: 5), chance: chance)
}
