internal import LinearAlgebra
internal import Telemetry

/// One service as it runs: its noise, its process and what it keeps on disk.
struct ServiceState {
  let service: Service
  private let cellLength: Double
  private var mix: AutoregressiveNoise
  private var work: AutoregressiveNoise
  private var dependency: AutoregressiveNoise
  private var failures: AutoregressiveNoise
  private var cpu: AutoregressiveNoise
  private var memory: AutoregressiveNoise
  private var disk: AutoregressiveNoise
  private var versions: Philox
  /// Factor of the running version on its own work.
  private var version = 1.0
  /// Seconds since the process started; long ago at first.
  private var uptime = 1e6
  private var logFiles = 0.0
  private var kept: Double
  /// Resident memory and used disk at the end of the last cell, in bytes.
  private(set) var memoryUsed: Double
  private(set) var diskUsed: Double

  init(_ service: Service, configuration: SimulationConfiguration) {
    self.service = service
    let length = configuration.interval.seconds
    func noise(_ name: String, minutes: Double, _ deviation: Double) -> AutoregressiveNoise {
      AutoregressiveNoise(
        seed: configuration.seed, purpose: "\(name)/\(service.name)",
        memory: 1 + minutes * 60 / length, deviation: deviation)
    }
    mix = noise("mix", minutes: 60, 0.03)
    work = noise("work", minutes: 45, 0.04)
    dependency = noise("dependency", minutes: 40, 0.07)
    failures = noise("failures", minutes: 60, 0.3)
    cpu = noise("cpu", minutes: 15, 0.025)
    memory = noise("memory", minutes: 120, 0.012)
    disk = noise("disk", minutes: 30, 0.002)
    versions = Philox(seed: configuration.seed, purpose: "versions/\(service.name)")
    cellLength = length
    kept = service.diskBase
    memoryUsed = service.memoryBase + service.memoryCache
    diskUsed = service.diskBase
  }

  /// Requests a second that reach a process, of those sent.
  mutating func admit(_ arrivals: Double, _ effects: Effects) -> Double {
    arrivals * effects.traffic * mix.nextFactor() * availability(effects)
  }

  /// The part of the cell in which a process is up.
  func availability(_ effects: Effects) -> Double { 1 - effects.secondsDown / cellLength }

  /// Serves a cell.
  ///
  /// - Parameters:
  ///   - served: Requests a second that reach a process.
  ///   - callees: How the services that this one calls fare in the same cell.
  mutating func serve(
    _ served: Double, _ effects: Effects, callees: [String: Condition]
  ) -> Condition {
    advanceProcess(effects)
    let warmUp = exponential(-min(uptime, 36_000) / 240)
    let available = service.cpuLimit * (1 - effects.stolenCPU)
    var cores =
      served * service.cpuPerRequest * version * cpu.nextFactor() + service.idleCPU
      + effects.jobCores + 0.12 * service.cpuLimit * warmUp
    cores = min(max(cores, effects.targetUtilisation * service.cpuLimit), 0.99 * available)
    let utilisation = min(0.96, cores / available)
    let pressure = max(0, memoryUsed / service.memoryLimit - 0.85) / 0.15
    let own =
      service.serviceTime * version * work.nextFactor() * effects.work * (1 + 0.8 * warmUp)
      * (1 + 0.9 * pressure * pressure) / ((1 - effects.stolenCPU) * (1 - utilisation))
    let wait = service.dependencyTime * dependency.nextFactor() * effects.dependencyFactor
    var condition = Condition(served: served, cores: cores, utilisation: utilisation)
    condition.latency = LatencyMixture(parts: durations(own + wait, callees))
    // Little's law: what waits is what arrives times how long it waits. Tasks use both the CPU and
    // the store.
    let slowness = 0.5 * own / service.serviceTime + 0.5 * wait / service.dependencyTime
    condition.backlog = served * (condition.latency.mean + service.taskTime * slowness)
    condition.timeoutShare = LatencyMixture.tail(beyond: service.timeout, mean: wait)
    fail(&condition, effects, callees)
    settle(served, effects, utilisation: utilisation)
    condition.memoryShare = memoryUsed / service.memoryLimit
    condition.diskShare = diskUsed / service.diskCapacity
    return condition
  }

  private var routes: [Service.Route] {
    service.routes.isEmpty ? [Service.Route(share: 1, calls: [])] : service.routes
  }

  /// The mean duration of each route, from what the service itself takes.
  private func durations(
    _ own: Double, _ callees: [String: Condition]
  ) -> [(share: Double, mean: Double)] {
    routes.map { route in
      let calls = route.calls.reduce(0.0) { sum, call in
        // Calls at the same time end with the slowest, which takes about half as long again.
        let slowest = (callees[call.callee]?.latency.mean ?? 0) * (call.repeats > 1 ? 1.5 : 1)
        return sum + min(slowest, call.patience)
      }
      return (route.share, own + calls)
    }
  }

  /// Adds why requests fail: by the service's own fault, for lack of CPU or disk, for a wait given
  /// up, or because another service failed.
  private mutating func fail(
    _ condition: inout Condition, _ effects: Effects, _ callees: [String: Condition]
  ) {
    condition.refusedShare = routes.reduce(0) { sum, route in
      sum
        + route.share
        * route.calls.reduce(0) { $0 + $1.exposure * (callees[$1.callee]?.lostShare ?? 0) }
    }
    condition.unwrittenShare =
      min(1, max(0, diskUsed / service.diskCapacity - 0.975) / 0.02) * 0.12
    let shed = max(0, condition.utilisation - 0.9) * 0.4
    let all =
      service.failureShare * failures.nextFactor() + effects.failures + shed
      + condition.unwrittenShare + condition.timeoutShare + condition.refusedShare
    condition.failureShare = min(0.95, all)
    condition.unavailable = 1 - availability(effects)
  }

  /// Lets the process grow older, or replaces it.
  private mutating func advanceProcess(_ effects: Effects) {
    if effects.isDeployed { version = exponential(0.025 * versions.normal()) }
    uptime = effects.age ?? (effects.isUp ? uptime + cellLength : 0)
  }

  /// Memory and disk at the end of the cell.
  private mutating func settle(_ served: Double, _ effects: Effects, utilisation: Double) {
    let long = min(uptime, 1e6)
    let warm = 1 - 0.25 * exponential(-min(long / 1200, 600))
    let filled = 1 - exponential(-min(long / 28_800, 600))
    let level =
      (service.memoryBase * warm * (1 + 0.15 * utilisation) + service.memoryCache * filled)
      * memory.nextFactor()
    let limit = 0.995 * service.memoryLimit
    memoryUsed = min(limit, level + effects.leak * (limit - level))

    kept += service.diskGrowth * cellLength / 86_400
    logFiles += served * cellLength * service.diskPerRequest
    let usage = (kept + logFiles) * disk.nextFactor() + effects.jobScratch
    let capacity = 0.998 * service.diskCapacity
    diskUsed = min(capacity, usage + effects.fill * (capacity - usage))
  }

  /// Removes the day's log files, as logrotate does at midnight.
  mutating func rotateLogs() { logFiles *= 0.12 }
}
