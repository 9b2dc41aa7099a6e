internal import LinearAlgebra
internal import Telemetry

/// Draws the incidents of a run.
///
/// Each part of the run is cut into as many slots as it has incidents, and each incident lies
/// somewhere in its slot. So no two ever overlap, and each can be told from the others.
struct IncidentPlan {
  /// A stretch of the run, as fractions of it, with a number of incidents.
  private struct Part {
    var from: Double
    var to: Double
    var kinds: [IncidentKind]
  }

  private static let breath = TimeSpan.minutes(60)
  private let configuration: SimulationConfiguration
  private var generator: Philox
  /// Incidents by service so far, and the services that each kind has struck.
  private var load: [String: Int] = [:]
  private var struck: [IncidentKind: Set<String>] = [:]

  /// Draws the incidents in ascending order of start: five in the first half (to be masked in
  /// training), three from there to day 19 of 28 (calibration), eleven in the rest (test), among
  /// them every kind.
  static func incidents(of configuration: SimulationConfiguration) -> [PlannedIncident] {
    var plan = IncidentPlan(configuration)
    let early = plan.shuffled(IncidentKind.allCases)
    let late = plan.shuffled(IncidentKind.allCases)
    let parts = [
      Part(from: 0.04, to: 0.5, kinds: Array(early[..<5])),
      Part(from: 0.5, to: 19.0 / 28, kinds: Array(early[5...])),
      Part(from: 19.0 / 28, to: 0.997, kinds: plan.shuffled(late + plan.shuffled(late)[..<3])),
    ]
    return parts.flatMap { plan.draw($0) }
  }

  private init(_ configuration: SimulationConfiguration) {
    self.configuration = configuration
    generator = Philox(seed: configuration.seed, purpose: "incidents")
  }

  private mutating func shuffled(_ kinds: [IncidentKind]) -> [IncidentKind] {
    var kinds = kinds
    for index in kinds.indices.dropFirst().reversed() {
      kinds.swapAt(index, generator.index(below: index + 1))
    }
    return kinds
  }

  private mutating func draw(_ part: Part) -> [PlannedIncident] {
    let minutes = Double(configuration.days * 24 * 60)
    let slot = (part.to - part.from) * minutes / Double(part.kinds.count)
    return part.kinds.enumerated().map { index, kind in
      let length = generator.integer(kind.minutes)
      let room = slot - Double(length) - Self.breath.seconds / 60
      let begin = part.from * minutes + slot * Double(index) + generator.uniform(0, room)
      return incident(kind, start: configuration.start + .minutes(Int64(begin)), minutes: length)
    }
  }

  private mutating func incident(
    _ kind: IncidentKind, start: Timestamp, minutes: Int
  ) -> PlannedIncident {
    let noticed =
      kind.detection.map { Double(minutes) * generator.uniform($0.lowerBound, $0.upperBound) }
      ?? generator.uniform(3, 14)
    return PlannedIncident(
      kind: kind, service: service(for: kind), start: start,
      detected: start + .minutes(Int64(noticed)), resolved: start + .minutes(Int64(minutes)),
      severity: generator.uniform())
  }

  /// One of the candidates that had the fewest incidents so far; first those to which this kind
  /// has not happened yet.
  private mutating func service(for kind: IncidentKind) -> String {
    let spared = kind.candidates.filter { !(struck[kind] ?? []).contains($0) }
    let candidates = spared.isEmpty ? kind.candidates : spared
    let fewest = candidates.map { load[$0, default: 0] }.min()
    let choice = candidates.filter { load[$0, default: 0] == fewest }
    let service = choice[generator.index(below: choice.count)]
    load[service, default: 0] += 1
    struck[kind, default: []].insert(service)
    return service
  }
}
