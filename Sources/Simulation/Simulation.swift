public import Diagnostics
internal import LinearAlgebra
internal import Telemetry

/// A small web shop under load, simulated with its incidents.
///
/// Demand follows day, week and correlated noise; calls carry it from service to service. Each
/// service answers like a queue with processor sharing, service time / (1 - utilisation), and
/// waits for those it calls. Incidents, deploys and everyday events act on causes (a slow store, a
/// stolen core), and everything that is exported follows from them.
public struct Simulation: Sendable {
  private let configuration: SimulationConfiguration

  /// Prepares a run.
  ///
  /// - Throws: `SimulationError` when the configuration leaves its ranges.
  public init(_ configuration: SimulationConfiguration) throws(SimulationError) {
    guard (14...365).contains(configuration.days) else {
      throw .daysOutOfRange(configuration.days)
    }
    let minute = TimeSpan.minutes(1).milliseconds
    let interval = configuration.interval
    guard interval.milliseconds % minute == 0, (1...15).contains(interval.milliseconds / minute)
    else { throw .unsuitableInterval(interval) }
    let lastStart = CivilDate(year: 9999, month: 1, day: 1).daysSinceEpoch * 86_400_000
    guard configuration.start.milliseconds % minute == 0,
      (0..<lastStart).contains(configuration.start.milliseconds)
    else { throw .unsuitableStart(configuration.start) }
    self.configuration = configuration
  }

  /// Runs the simulation and writes what its tools would have exported.
  ///
  /// A pure function of the configuration, in IEEE arithmetic alone: equal seeds give equal bytes.
  ///
  /// - Parameter progress: Told after every simulated day.
  public func run(progress: ProgressSink) -> SimulatedExport {
    let interval = configuration.interval
    let cells = Int(TimeSpan.days(Int64(configuration.days)).milliseconds / interval.milliseconds)
    let times = (0..<cells).map { configuration.start + interval * $0 }
    var shop = ShopState(configuration)
    for (index, time) in times.enumerated() {
      shop.advance(TimeRange(start: time - interval, end: time), index: index)
      let days = Int((time + interval - configuration.start).milliseconds / 86_400_000)
      if days * cells == (index + 1) * configuration.days {
        progress(ProgressEvent(stage: "simulate", completed: days, total: configuration.days))
      }
    }
    return shop.export(times: times)
  }
}
