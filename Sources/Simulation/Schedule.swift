internal import LinearAlgebra
internal import Telemetry

/// Everything that happens to the shop at a known time.
struct Schedule {
  /// A harmless event of everyday life.
  struct Blip {
    enum Effect {
      /// More page views than usual: a newsletter, a campaign.
      case crowd
      /// A crawler reads the catalog.
      case crawler
      /// Slow for a moment.
      case hiccup
      /// A few more failures than usual, for a moment.
      case failures
    }

    var effect: Effect
    var service: String
    var span: TimeRange
    var amount: Double
  }

  /// How long it takes to stop a process and start another, in seconds.
  static let replacement = 30.0

  let incidents: [PlannedIncident]
  /// When each service got a new version, ascending.
  private(set) var deploys: [String: [Timestamp]] = [:]
  private var blips: [Blip] = []
  /// When Prometheus itself was down.
  private var gaps: [TimeRange] = []
  private let start: Timestamp
  private let days: Int

  /// Draws a schedule.
  init(_ configuration: SimulationConfiguration) {
    incidents = IncidentPlan.incidents(of: configuration)
    (start, days) = (configuration.start, configuration.days)
    let seed = configuration.seed
    for service in Shop.services.map(\.name) {
      deploys[service] = planDeploys(service, Philox(seed: seed, purpose: "deploys/\(service)"))
    }
    planBlips(seed: seed)
    planGaps(Philox(seed: seed, purpose: "gaps"))
  }

  /// Whether metrics were recorded at an instant.
  func isRecorded(_ time: Timestamp) -> Bool { !gaps.contains { $0.contains(time) } }

  /// What is going on for a service during a cell.
  ///
  /// - Parameter wobble: Uniform in [0, 1), fresh in every cell.
  func effects(on service: Service, during cell: TimeRange, wobble: Double) -> Effects {
    var effects = Effects()
    for blip in blips where blip.service == service.name && blip.span.overlaps(cell) {
      switch blip.effect {
      case .crowd, .crawler: effects.traffic *= 1 + blip.amount
      case .hiccup: effects.work *= 1 + blip.amount
      case .failures: effects.failures += blip.amount
      }
    }
    let midnight = cell.end.milliseconds / 86_400_000 * 86_400_000
    let minute = (cell.end.milliseconds - midnight) / 60_000
    if minute > service.job.minute, minute <= service.job.minute + service.job.minutes {
      (effects.jobCores, effects.jobScratch) = (service.job.cores, service.job.scratch)
    }
    for time in deploys[service.name, default: []] where cell.contains(time) {
      effects.isDeployed = true
      effects.startAnew(.shutdown, at: time, in: cell)
    }
    for incident in incidents where incident.service == service.name {
      if let killed = incident.killed, cell.contains(killed) {
        effects.isKilled = true
        effects.startAnew(.kill, at: killed, in: cell)
      }
      incident.act(on: &effects, during: cell, wobble: wobble)
    }
    return effects
  }

  /// Deploys on Mondays to Thursdays in working hours, never near an incident of the service; and
  /// around a crash loop the bad version that starts it and the one that ends it.
  private func planDeploys(_ service: String, _ generator: Philox) -> [Timestamp] {
    var generator = generator
    let own = incidents.filter { $0.service == service }
    var times: [Timestamp] = []
    for day in 1..<days {
      let (chosen, minute) = (generator.uniform() < 0.35, generator.integer(540...960))
      let midnight = start + .days(Int64(day))
      let date = midnight.milliseconds / 86_400_000
      // 1970-01-01 was a Thursday: day 4 of a week that begins on Sunday.
      guard chosen, (1...4).contains((date + 4) % 7) else { continue }
      let time = Timestamp(milliseconds: date * 86_400_000) + .minutes(Int64(minute))
      let near = own.contains { time > $0.start - .hours(2) && time < $0.resolved + .hours(1) }
      if !near { times.append(time) }
    }
    for incident in own where incident.kind == .crashLoop {
      times += [incident.badDeploy, incident.resolved]
    }
    return times.sorted()
  }

  private mutating func planBlips(seed: UInt64) {
    var generator = Philox(seed: seed, purpose: "blips")
    func add(
      _ effect: Blip.Effect, _ service: String, chance: Double, minutes: ClosedRange<Int>,
      _ mild: Double, _ strong: Double
    ) {
      for day in 0..<days {
        let chosen = generator.uniform() < chance
        let begin = start + .days(Int64(day)) + .minutes(Int64(generator.integer(0...1439)))
        let length = TimeSpan.minutes(Int64(generator.integer(minutes)))
        let amount = generator.uniform(mild, strong)
        guard chosen else { continue }
        blips.append(
          Blip(
            effect: effect, service: service, span: TimeRange(start: begin, end: begin + length),
            amount: amount))
      }
    }
    add(.crowd, "frontend", chance: 0.4, minutes: 10...40, 0.12, 0.35)
    add(.crawler, "catalog", chance: 0.35, minutes: 15...50, 0.1, 0.3)
    for service in Shop.services.map(\.name) {
      add(.hiccup, service, chance: 0.45, minutes: 2...6, 0.2, 0.6)
      add(.failures, service, chance: 0.3, minutes: 2...6, 0.004, 0.012)
    }
  }

  /// Two short outages of Prometheus, away from all incidents.
  private mutating func planGaps(_ generator: Philox) {
    var generator = generator
    while gaps.count < 2 {
      let begin = start + .minutes(Int64(generator.integer(1440...(days * 1440 - 60))))
      let gap = TimeRange(start: begin, end: begin + .minutes(Int64(generator.integer(15...25))))
      let near = incidents.contains {
        gap.start < $0.resolved + .hours(1) && gap.end > $0.start - .hours(1)
      }
      if !near { gaps.append(gap) }
    }
  }
}

extension Effects {
  /// Replaces the process.
  fileprivate mutating func startAnew(
    _ cause: LogVocabulary.Cause, at time: Timestamp, in cell: TimeRange
  ) {
    let rest = (cell.end - time).seconds
    events.append((cause, time))
    events.append((.startup, time + .seconds(Int64(Schedule.replacement))))
    secondsDown += min(rest, Schedule.replacement)
    age = max(0, rest - Schedule.replacement)
    isUp = rest >= Schedule.replacement
  }
}
