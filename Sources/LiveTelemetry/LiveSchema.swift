public import Features
public import LogTemplates
public import Telemetry

/// What a model wants to know of a live system.
public struct LiveSchema: Sendable {
  /// A service that the model knows.
  public struct Service: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The metric columns of its rows, in their order.
    public var columns: [String]
    /// Whether its rows have logs.
    public var readsLogs: Bool

    /// Makes a service.
    public init(name: String, columns: [String], readsLogs: Bool) {
      (self.name, self.columns, self.readsLogs) = (name, columns, readsLogs)
    }
  }

  /// The services, each of which gets a row for every cell.
  public var services: [Service]
  /// The distance between cells.
  public var interval: TimeSpan
  /// Where cells end within the interval since 1970, from 0 to below the interval. Exports by
  /// `autopilot export`, whose steps are multiples since 1970, have 0.
  public var phase = TimeSpan.zero
  /// Labels that may name the service of a series or log stream, the most telling first.
  public var serviceLabels: [String]
  /// How named metrics behave, where the name's suffix would mislead.
  public var kinds: [String: MetricKind]
  /// What is masked in log lines.
  public var logMasks: LogMaskRules
  /// Cells that the model's windows reach back, the current one included.
  public var history: Int

  /// Makes a schema.
  public init(
    services: [Service], interval: TimeSpan, serviceLabels: [String],
    kinds: [String: MetricKind] = [:], logMasks: LogMaskRules = LogMaskRules(), history: Int
  ) {
    precondition(interval > .zero && history >= 1, "interval \(interval), history \(history)")
    (self.services, self.interval, self.serviceLabels) = (services, interval, serviceLabels)
    (self.kinds, self.logMasks, self.history) = (kinds, logMasks, history)
  }

  /// What a model's features ask for.
  ///
  /// - Parameters:
  ///   - serviceLabels: As its training data was read.
  ///   - kinds: As its training data was read.
  public init(
    _ features: FeatureModel, serviceLabels: [String], kinds: [String: MetricKind]
  ) {
    self.init(
      services: features.services.map {
        Service(name: $0.service, columns: $0.metricColumns, readsLogs: $0.logs != nil)
      }, interval: features.definition.interval, serviceLabels: serviceLabels, kinds: kinds,
      logMasks: features.definition.logMasks, history: features.definition.historyLength)
  }
}

/// A service's telemetry in one cell.
public struct LiveRow: Sendable {
  /// The service.
  public var service: String
  /// What is known of the cell.
  public var row: TelemetryRow

  /// Makes a row.
  public init(service: String, row: TelemetryRow) { (self.service, self.row) = (service, row) }
}

/// Cells since 1970, by number: cell 0 ends at the phase.
struct CellNumbers: Sendable {
  let interval: TimeSpan
  let phase: TimeSpan

  init(_ schema: LiveSchema) { (interval, phase) = (schema.interval, schema.phase) }

  /// The end of a cell.
  func end(of number: Int) -> Timestamp {
    Timestamp(milliseconds: phase.milliseconds) + interval * number
  }

  /// The last cell that has ended at an instant.
  func last(endedBy time: Timestamp) -> Int {
    let offset = time.milliseconds - phase.milliseconds
    let (quotient, remainder) = offset.quotientAndRemainder(dividingBy: interval.milliseconds)
    return Int(remainder < 0 ? quotient - 1 : quotient)
  }

  /// The grid of consecutive cells.
  func grid(_ cells: ClosedRange<Int>) -> TimeGrid {
    TimeGrid(first: end(of: cells.lowerBound), interval: interval, count: cells.count)
  }
}
