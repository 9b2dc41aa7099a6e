internal import Telemetry

/// Compares detectors over the same test time and incidents.
///
/// Cells are labelled per service. A cell in an incident that concerns the service is positive. A
/// cell within the tolerance around one, in an excluded incident or, unless the plan is strict,
/// in an incident of another service is neutral: it takes no part in ranking, and an alarm there
/// alone is ignored. All other test cells are quiet. Positive wins where several apply. Cells
/// without a score are never alarms and take no part in ranking or in the quiet time that false
/// alarms are divided by, so that time without a score earns nothing; incidents in it are missed.
///
/// All services share the one boundary of calibrated scores, so their cells are ranked together.
/// Intervals repeat ranking and recall with incidents drawn again, see `ResultIntervals`.
///
/// - Parameters:
///   - detectors: One row each; the same services in all.
///   - labels: The incidents, opened with boundaries for every detector.
///   - plan: What is evaluated, and how strictly.
/// - Throws: `EvaluationError` for input that does not fit together or leaves nothing to evaluate.
/// - Complexity: O(n (log n + r) + s w) per detector with n cells, r repetitions for intervals, s
///   services and w cells of `EvaluationPlan.vusWindow`.
public func evaluate(
  _ detectors: [DetectorScores], against labels: OpenedLabels, plan: EvaluationPlan
) throws(EvaluationError) -> EvaluationResult {
  try plan.validate()
  let detectors = try aligned(detectors, plan: plan, seal: labels.seal)
  let names = detectors[0].services.map(\.service)
  try requireUniqueIds(labels.incidents)
  let marks = CellMarks(names: names, incidents: labels.incidents, plan: plan)
  guard marks.testCells > 0 else {
    throw .noTestCells(test: plan.test, data: plan.grid.range)
  }
  try requireIncidents(marks, labels: labels, names: names, plan: plan)
  var rows = detectors.map { judge($0, marks: marks, plan: plan) }
  rows.addIntervals(detectors, marks: marks)
  return EvaluationResult(
    plan: plan, calibrationDigest: labels.seal.digest,
    counts: counts(marks), incidents: marks.listed,
    rows: rows)
}

private func counts(_ marks: CellMarks) -> EvaluationResult.Counts {
  var (positive, neutral, quiet) = (0, 0, 0)
  for cells in marks.services {
    for mark in cells where mark.contains(.test) {
      if mark.contains(.positive) {
        positive += 1
      } else if mark.isQuiet {
        quiet += 1
      } else {
        neutral += 1
      }
    }
  }
  return EvaluationResult.Counts(
    services: marks.services.count, testCells: marks.testCells, positiveCells: positive,
    neutralCells: neutral, quietCells: quiet, incidents: marks.incidents.count,
    incidentsWithoutScores: marks.incidents.count { $0.services.isEmpty },
    excluded: marks.listed.count - marks.incidents.count)
}

/// What a sealed boundary is for.
private struct Sealed: Hashable {
  let detector: String
  let service: String?
}

/// Checks detectors against the plan, the seal and each other; sorts their services by name.
private func aligned(
  _ detectors: [DetectorScores], plan: EvaluationPlan, seal: ThresholdSeal
) throws(EvaluationError) -> [DetectorScores] {
  for test in plan.test {
    if let seen = seal.seen.first(where: { $0.overlaps(test) }) {
      throw .testTimeSeen(seen: seen, test: test)
    }
  }
  let sealed = Set(seal.boundaries.map { Sealed(detector: $0.detector, service: $0.service) })
  var known = Set<String>()
  var result: [DetectorScores] = []
  for var detector in detectors {
    guard known.insert(detector.name).inserted else { throw .duplicateDetector(detector.name) }
    detector.services.sort { $0.service < $1.service }
    try requireServices(detector, like: result.first)
    for service in detector.services {
      try requireScores(service, of: detector.name, grid: plan.grid)
      guard
        sealed.contains(Sealed(detector: detector.name, service: nil))
          || sealed.contains(Sealed(detector: detector.name, service: service.service))
      else { throw .unsealed(detector: detector.name, service: service.service) }
    }
    result.append(detector)
  }
  guard !result.isEmpty else { throw .noDetectors }
  return result
}

func requireServices(
  _ detector: DetectorScores, like other: DetectorScores?
) throws(EvaluationError) {
  let names = detector.services.map(\.service)
  guard !names.isEmpty else {
    throw .badServices(detector: detector.name, reason: "has no services; score at least one")
  }
  for (name, next) in zip(names, names.dropFirst()) where name == next {
    throw .badServices(
      detector: detector.name, reason: "has service '\(name)' twice; merge its scores")
  }
  guard let other, other.services.map(\.service) != names else { return }
  let expected = Set(other.services.map(\.service))
  throw .differentServices(
    detector: detector.name, other: other.name,
    missing: expected.subtracting(names).sorted(), extra: names.filter { !expected.contains($0) })
}

func requireScores(
  _ service: ServiceScores, of detector: String, grid: TimeGrid
) throws(EvaluationError) {
  guard service.scores.count == grid.count else {
    throw .wrongLength(
      detector: detector, service: service.service, expected: grid.count,
      found: service.scores.count)
  }
  let bad = service.scores.firstIndex { !($0.isNaN || ($0 >= 0 && $0.isFinite)) }
  if let bad {
    throw .invalidScore(
      detector: detector, service: service.service, time: grid.timestamp(at: bad),
      value: service.scores[bad])
  }
}

private func requireUniqueIds(_ incidents: [Incident]) throws(EvaluationError) {
  var ids = Set<String>()
  for incident in incidents {
    guard ids.insert(incident.id).inserted else { throw .duplicateIncident(id: incident.id) }
  }
}

private func requireIncidents(
  _ marks: CellMarks, labels: OpenedLabels, names: [String], plan: EvaluationPlan
) throws(EvaluationError) {
  guard !marks.incidents.isEmpty else {
    let real = labels.incidents.filter { $0.role == .incident }
    let start = real.map(\.start).min()
    let end = real.map(\.resolved).max()
    var span: TimeRange?
    if let start, let end { span = TimeRange(start: start, end: end) }
    throw .noIncidentInTest(test: plan.test, incidents: span, count: real.count)
  }
  guard marks.incidents.contains(where: { !$0.services.isEmpty }) else {
    let named = Set(marks.incidents.compactMap(\.incident.service)).sorted()
    throw .noScoredIncident(named: named, services: names)
  }
}
