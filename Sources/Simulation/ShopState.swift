internal import LinearAlgebra
internal import Telemetry

/// The shop as it runs, with all that was recorded so far.
struct ShopState {
  private let seed: UInt64
  private let schedule: Schedule
  private var demand: Demand
  private var services: [ServiceState]
  private var readings: [Readings]
  private var recorders: [MetricRecorder]
  private var logs: LogText
  private var deploys: [Int]
  private var orders = 0

  init(_ configuration: SimulationConfiguration) {
    seed = configuration.seed
    schedule = Schedule(configuration)
    demand = Demand(configuration)
    services = Shop.services.map { ServiceState($0, configuration: configuration) }
    readings = Shop.services.map { _ in Readings() }
    recorders = Shop.services.map { MetricRecorder(service: $0.name) }
    logs = LogText(seed: configuration.seed)
    deploys = Shop.services.map { _ in 0 }
  }

  /// Simulates the cell with a number.
  mutating func advance(_ cell: TimeRange, index: Int) {
    let day = { (time: Timestamp) in time.milliseconds / 86_400_000 }
    let effects = services.map { state in
      var generator = Philox(seed: seed, purpose: "wobble/\(state.service.name)", index: index)
      return schedule.effects(on: state.service, during: cell, wobble: generator.uniform())
    }
    if day(cell.end) > day(cell.start) {
      for number in services.indices { services[number].rotateLogs() }
    }
    let served = flow(effects, at: cell.end)
    let conditions = serve(served, effects)
    for (number, effects) in effects.enumerated() {
      let state = services[number]
      var generator = Philox(seed: seed, purpose: "counts/\(state.service.name)", index: index)
      let tally = readings[number].add(
        conditions[number], effects, memory: state.memoryUsed, disk: state.diskUsed,
        length: cell.length.seconds, generator: &generator)
      recorders[number].record(
        readings[number], isUp: effects.isUp, isRecorded: schedule.isRecorded(cell.end))
      if state.service.name == "checkout" { orders += tally.requests - tally.failures }
      // The first cell ends where the export begins; its lines lie before.
      guard index > 0 else { continue }
      logs.append(
        state.service, index: index, cell: cell, condition: conditions[number], effects: effects,
        tally: tally,
        context: LogField.Context(
          latency: conditions[number].latency.mean, timeout: state.service.timeout,
          memoryShare: conditions[number].memoryShare, diskShare: conditions[number].diskShare,
          utilisation: conditions[number].utilisation, orders: orders, deploys: deploys[number]))
      if effects.isDeployed { deploys[number] += 1 }
    }
    logs.flush(through: cell.end)
  }

  /// Requests a second that each service serves, from the front to the back.
  private mutating func flow(_ effects: [Effects], at time: Timestamp) -> [Double] {
    var arrivals = [services[0].service.name: demand.next(at: time)]
    return services.indices.map { number in
      let service = services[number].service
      let served = services[number].admit(arrivals[service.name, default: 0], effects[number])
      for route in service.routes {
        for call in route.calls {
          arrivals[call.callee, default: 0] += served * route.share * call.repeats
        }
      }
      return served
    }
  }

  /// How each service fares, from the back to the front.
  private mutating func serve(_ served: [Double], _ effects: [Effects]) -> [Condition] {
    var conditions: [String: Condition] = [:]
    for number in services.indices.reversed() {
      conditions[services[number].service.name] = services[number].serve(
        served[number], effects[number], callees: conditions)
    }
    return services.compactMap { conditions[$0.service.name] }
  }

  /// Writes everything recorded, services in ascending order of name.
  func export(times: [Timestamp]) -> SimulatedExport {
    var metrics = MetricsText(times: times)
    let ordered = services.indices.sorted { services[$0].service.name < services[$1].service.name }
    for number in ordered {
      for series in recorders[number].series { metrics.append(series) }
    }
    metrics.close()
    return SimulatedExport(
      metrics: metrics.bytes, logs: logs.bytes,
      incidents: IncidentsText.bytes(of: schedule.incidents))
  }
}
