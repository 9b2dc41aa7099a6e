internal import Telemetry

/// An incident of the schedule, and what it does to its service.
struct PlannedIncident {
  var kind: IncidentKind
  var service: String
  var start: Timestamp
  var detected: Timestamp
  var resolved: Timestamp
  /// From 0, hard to see, to 1, plain.
  var severity: Double

  /// When a leak ends in the kernel killing the process: shortly before people call it resolved.
  var killed: Timestamp? { kind == .memoryLeak ? resolved - .minutes(4) : nil }

  /// When the bad version of a crash loop is deployed.
  var badDeploy: Timestamp { start + .minutes(1) }

  private var firstStart: Timestamp { badDeploy + .seconds(Int64(Schedule.replacement)) }

  /// The part of a cell that the incident covers, 0 to 1.
  func overlap(with cell: TimeRange) -> Double {
    let shared = (min(resolved, cell.end) - max(start, cell.start)).seconds
    return max(0, shared) / cell.length.seconds
  }

  /// How far it has come in the middle of a cell, 0 to 1.
  private func progress(in cell: TimeRange) -> Double {
    let middle = cell.start + TimeSpan(milliseconds: cell.length.milliseconds / 2)
    return min(1, max(0, (middle - start).seconds / ((killed ?? resolved) - start).seconds))
  }

  private func scaled(_ mild: Double, _ severe: Double) -> Double {
    mild + (severe - mild) * severity
  }

  /// Adds what the incident does during a cell.
  ///
  /// - Parameter wobble: Fresh in every cell, uniform in [0, 1), so that nothing stands still.
  func act(on effects: inout Effects, during cell: TimeRange, wobble: Double) {
    let weight = overlap(with: cell)
    guard weight > 0 else { return }
    let progress = progress(in: cell)
    let minutesIn = (cell.end - start).seconds / 60
    switch kind {
    case .memoryLeak:
      effects.leak = killed.map { $0 <= cell.end } == true ? 0 : progress * (0.8 + 0.2 * progress)
    case .cpuSaturation:
      let rise = min(1, minutesIn / 15)
      effects.targetUtilisation = weight * rise * (scaled(0.74, 0.92) + 0.06 * wobble)
    case .slowDependency:
      let climb = min(1, progress / 0.7)
      effects.dependencyFactor *= 1 + weight * climb * scaled(1.5, 5) * (0.85 + 0.3 * wobble)
    case .errorBurst:
      effects.failures += weight * scaled(0.015, 0.1) * (0.55 + 0.9 * wobble)
    case .trafficDrop:
      effects.traffic *= 1 - weight * scaled(0.5, 0.8) * (0.94 + 0.06 * wobble)
    case .crashLoop:
      crash(&effects, during: cell)
    case .diskFilling:
      effects.fill = weight * progress
    case .noisyNeighbour:
      let burst = wobble < 0.75 ? 0.7 + 0.4 * wobble : 0.15
      effects.stolenCPU = weight * scaled(0.35, 0.6) * burst
    }
  }

  /// Adds a crash loop, which another version ends.
  private func crash(_ effects: inout Effects, during cell: TimeRange) {
    guard cell.end > firstStart else { return }
    let outcome = CrashLoop(start: firstStart, end: resolved).outcome(in: cell)
    let instant = { (seconds: Double) in
      firstStart + TimeSpan(milliseconds: Int64(seconds * 1000))
    }
    effects.events += outcome.panics.map { (.panic, instant($0)) }
    effects.events += outcome.starts.map { (.startup, instant($0)) }
    effects.secondsDown += outcome.secondsDown
    guard cell.end < resolved else { return }
    effects.panics = outcome.panics.count
    (effects.isUp, effects.age) = (outcome.age != nil, outcome.age)
  }
}
