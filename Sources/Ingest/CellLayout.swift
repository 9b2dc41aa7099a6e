public import LogTemplates
internal import Storage
public import Telemetry

/// Lays samples and log lines that are in memory out on a given grid, by the rules of `ingest` and
/// by its code, so that the cells of a live system are those of an export of the same time.
///
/// A counter's cell depends on samples up to five intervals before it, and what follows what in logs
/// on lines of one interval before: a grid that begins with `leadingCells` more cells gives the others
/// as any longer grid would.
public struct CellLayout {
  /// Cells that have to stand before those that are wanted.
  public static let leadingCells = 5

  private let grid: TimeGrid
  private let configuration: IngestConfiguration
  private var collector: TelemetryCollector
  private var isEmpty = true

  /// Makes an empty layout.
  ///
  /// - Parameters:
  ///   - grid: The cells. Samples outside count for nothing but the counters within.
  ///   - source: What errors call the source.
  public init(
    grid: TimeGrid, serviceLabels: [String], kinds: [String: MetricKind] = [:],
    logMasks: LogMaskRules = LogMaskRules(), limits: IngestLimits = IngestLimits(), source: String
  ) {
    self.grid = grid
    configuration = IngestConfiguration(
      interval: grid.interval, sources: [], serviceLabels: serviceLabels, kinds: kinds,
      logMasks: logMasks, limits: limits)
    collector = TelemetryCollector(configuration, isIdentifying: false) { _ in }
    collector.beginMemory(source)
    self.source = source
  }

  private let source: String

  /// Adds samples of the series with these labels; NaN is missing.
  ///
  /// - Parameters:
  ///   - labels: All labels, the metric's name as `__name__`.
  ///   - times: Milliseconds since 1970, [values.count].
  /// - Throws: `IngestError.tooManySeries`, `.strayInstant` or `.storage`.
  public mutating func add(
    _ values: [Double], at times: [Int64], labels: [String: String]
  ) throws(IngestError) {
    guard !values.isEmpty else { return }
    let number = try collector.series.number(labels: labels, path: source, name: source)
    try collector.series.append(values[...], at: times[...], to: number)
    isEmpty = false
  }

  /// Adds a log line of the stream with these labels.
  ///
  /// - Parameter time: Nanoseconds since 1970.
  /// - Throws: `IngestError.strayInstant` or `.storage`.
  public mutating func add(
    line: [UInt8], at time: Int64, labels: [String: String]
  ) throws(IngestError) {
    try collector.logs.add(
      line, at: millisecondsFloored(time), service: collector.logs.naming.service(of: labels),
      fallback: severity(of: labels), origin: .query, stream: StreamIdentity(labels: labels),
      microseconds: microseconds(of: time))
    isEmpty = false
  }

  /// Notes that logs were recorded all over the grid, also where there is no line.
  public mutating func coverLogs() {
    collector.logs.cover(
      grid.range.start.milliseconds + 1, grid.range.end.milliseconds, origin: .query)
  }

  /// The services that have samples or lines, ascending by name, each with `grid.count` rows.
  ///
  /// - Throws: `IngestError`.
  public consuming func frames() throws(IngestError) -> [ServiceFrame] {
    guard !isEmpty else { return [] }
    var builder = DatasetBuilder()
    do {
      let services = try writeServices(configuration, &collector, grid, to: &builder)
      let outline = DatasetOutline(
        grid: grid, services: services, incidents: [], sources: [], report: collector.report)
      return builder.dataset(outline).services
    } catch let error as IngestError {
      throw error
    } catch let error as StorageError {
      throw .storage(error)
    } catch {
      preconditionFailure("unexpected error \(error)")
    }
  }
}
