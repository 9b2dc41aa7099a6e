/// The ways in which a service goes wrong.
enum IncidentKind: String, CaseIterable {
  /// Memory grows over hours until the kernel kills the process.
  case memoryLeak = "memory_leak"
  /// Runaway work takes the CPU; requests queue.
  case cpuSaturation = "cpu_saturation"
  /// The service's store or provider answers ever more slowly.
  case slowDependency = "slow_dependency"
  /// A part of the requests fails.
  case errorBurst = "error_burst"
  /// Requests stop arriving for a reason outside the service.
  case trafficDrop = "traffic_drop"
  /// A bad version starts, panics and starts again until another version replaces it.
  case crashLoop = "crash_loop"
  /// A volume fills over hours until writes fail.
  case diskFilling = "disk_filling"
  /// Another tenant of the node takes its CPU in bursts.
  case noisyNeighbour = "noisy_neighbour"

  /// The shortest and the longest duration, in minutes.
  var minutes: ClosedRange<Int> {
    switch self {
    case .memoryLeak: 240...480
    case .cpuSaturation: 50...180
    case .slowDependency: 120...300
    case .errorBurst: 30...90
    case .trafficDrop: 45...180
    case .crashLoop: 35...100
    case .diskFilling: 240...480
    case .noisyNeighbour: 60...240
    }
  }

  /// How much of a gradual incident passes before it becomes obvious; nil for sudden ones, which
  /// are noticed within minutes.
  var detection: ClosedRange<Double>? {
    switch self {
    case .memoryLeak: 0.5...0.7
    case .slowDependency: 0.3...0.45
    case .diskFilling: 0.6...0.75
    default: nil
    }
  }

  /// The services it can happen to.
  ///
  /// Traffic drops and crash loops stay with services that call no other, so that a row of the
  /// incidents file names every service whose traffic goes missing.
  var candidates: [String] {
    switch self {
    case .memoryLeak, .errorBurst, .noisyNeighbour:
      ["frontend", "checkout", "cart", "catalog", "payment"]
    case .cpuSaturation: ["frontend", "checkout", "cart", "catalog"]
    case .slowDependency: ["frontend", "checkout", "catalog", "payment"]
    case .trafficDrop, .crashLoop: ["cart", "catalog", "payment"]
    case .diskFilling: ["checkout", "catalog", "payment"]
    }
  }
}
