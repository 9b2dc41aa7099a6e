import Evaluation
import Telemetry

/// Ten o'clock, where all test grids begin: cell 0 covers the minute up to it.
let origin = Timestamp(seconds: 1_700_000_400)

/// The instant of cell `index` of a grid of minutes.
func minute(_ index: Int) -> Timestamp { origin + .minutes(Int64(index)) }

/// A range whose cells are `cells`.
func range(_ cells: Range<Int>) -> TimeRange {
  TimeRange(start: minute(cells.lowerBound - 1), end: minute(cells.upperBound - 1))
}

/// An incident whose cells are `cells`.
func incident(
  _ id: String, _ service: String?, _ cells: Range<Int>, role: Incident.Role = .incident
) -> Incident {
  Incident(
    id: id, service: service, kind: "latency", start: minute(cells.lowerBound - 1),
    resolved: minute(cells.upperBound - 1), role: role)
}

/// A plan over minutes whose test time is all of them unless told otherwise.
func plan(
  _ count: Int, test: [Range<Int>]? = nil, before: Int = 0, after: Int = 0, renotify: Int = 1000,
  collateral: EvaluationPlan.CollateralPolicy = .neutral
) -> EvaluationPlan {
  EvaluationPlan(
    grid: TimeGrid(first: origin, interval: .minutes(1), count: count),
    test: (test ?? [0..<count]).map(range), toleranceBefore: .minutes(Int64(before)),
    toleranceAfter: .minutes(Int64(after)), renotify: .minutes(Int64(renotify)),
    collateral: collateral)
}

/// Scores that are `high` in the cells given and 0.5 elsewhere.
func alarms(_ count: Int, at cells: [Range<Int>], high: Float = 2) -> [Float] {
  var scores = [Float](repeating: 0.5, count: count)
  for cell in cells.joined() { scores[cell] = high }
  return scores
}

func detector(_ name: String, _ scores: [String: [Float]]) -> DetectorScores {
  DetectorScores(
    name: name, services: scores.map { ServiceScores(service: $0, scores: $1) })
}

func seal(_ detectors: [String], seen: [TimeRange] = []) throws -> ThresholdSeal {
  try ThresholdSeal(
    boundaries: detectors.map { .init(detector: $0, value: 3) }, seen: seen, digest: "d1gest")
}

/// Seals, opens and evaluates.
func evaluated(
  _ detectors: [DetectorScores], _ incidents: [Incident], _ plan: EvaluationPlan,
  seen: [TimeRange] = []
) throws -> EvaluationResult {
  let labels = SealedLabels(incidents).open(with: try seal(detectors.map(\.name), seen: seen))
  return try evaluate(detectors, against: labels, plan: plan)
}

/// One row for one service called `api`.
func judged(
  _ scores: [Float], _ incidents: [Incident], _ plan: EvaluationPlan
) throws -> DetectorResult {
  try evaluated([detector("ours", ["api": scores])], incidents, plan).rows[0]
}

/// SplitMix64 (Steele, Lea and Flood 2014), for inputs that are the same on every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
