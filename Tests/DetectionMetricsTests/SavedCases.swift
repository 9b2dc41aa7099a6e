import Foundation
import DetectionMetrics

/// One small series and what independent implementations measure on it.
struct SavedCase: Decodable, Sendable {
  struct Volume: Decodable, Sendable {
    let window: Int
    let thresholds: Int
    let pr: Double
    let roc: Double
  }
  struct Proximity: Decodable, Sendable {
    let early: Int
    let late: Int
    let steps: Int
    let thresholds: Int
    let value: Double
  }
  struct SavedAffiliation: Decodable, Sendable {
    let precision: Double?
    let recall: Double
    let precisions: [Double?]
    let recalls: [Double]
  }
  struct SavedRange: Decodable, Sendable {
    let bias: String
    let cardinality: String
    let existence: Double
    let precision: Double
    let recall: Double
  }
  struct Events: Decodable, Sendable {
    let delays: [Int?]
    let falseAlarms: Int
    let alarms: Int
    let leadsWithin10: [Int?]
    let medianDelay: Double?
    let p90Delay: Double?
    let medianLead: Double?
    let timeInAlert: Double
    let quietTimeInAlert: Double?
  }

  let name: String
  let scores: [Double]
  let labels: String
  let alarms: String
  let averagePrecision: Double?
  let rocArea: Double?
  let volumes: [Volume]
  let proximities: [Proximity]
  let affiliation: SavedAffiliation?
  let ranges: [SavedRange]
  let events: Events
  let pointAdjustedF1: Double?

  var incidentRanges: EventRanges { EventRanges(labels.map { $0 == "1" }) }
  var alarmRanges: EventRanges { EventRanges(alarms.map { $0 == "1" }) }

  func series() throws -> ScoredSeries {
    try ScoredSeries(scores: scores, incidents: incidentRanges)
  }
}

/// Reads a committed fixture.
func saved<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
  let path = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/\(name)")
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try decoder.decode(type, from: Data(contentsOf: path))
}

func savedCases() throws -> [SavedCase] { try saved("cases.json", as: [SavedCase].self) }

/// Whether both are nil or equal within a tolerance.
func close(_ found: Double?, _ expected: Double?, within tolerance: Double) -> Bool {
  guard let found, let expected else { return found == nil && expected == nil }
  return abs(found - expected) <= tolerance
}

/// A small generator with a fixed sequence (SplitMix64).
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

/// Scores with ties and labels with incidents, both random.
func randomSeries(seed: UInt64, count: Int = 400) throws -> ScoredSeries {
  var random = SplitMix(state: seed)
  var labels = [Bool](repeating: false, count: count)
  for _ in 0..<Int.random(in: 1...8, using: &random) {
    let start = Int.random(in: 0..<count, using: &random)
    let end = min(count, start + Int.random(in: 1...30, using: &random))
    for index in start..<end { labels[index] = true }
  }
  let scores = labels.map { label in
    (Double.random(in: 0...8, using: &random) + (label ? 2 : 0)).rounded() / 4
  }
  return try ScoredSeries(scores: scores, labels: labels)
}
