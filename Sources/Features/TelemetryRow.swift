public import Telemetry

/// One service's telemetry in one grid cell, as it arrives from a dataset or from a live system.
public struct TelemetryRow: Sendable {
  /// The cell's instant, its end.
  public var time: Timestamp
  /// Values of the model's metric columns, in the model's order; NaN is missing.
  public var metrics: [Double]
  /// Log lines of the cell by pattern; nil when logs were not recorded.
  public var logs: [(pattern: LogPattern, lines: Int)]?
  /// Pairs of lines of the cell by their patterns, as in `LogActivity.transitions`; nil when their
  /// order is not known.
  public var transitions: [(from: LogPattern, to: LogPattern, lines: Int)]?

  /// Makes a row.
  public init(
    time: Timestamp, metrics: [Double], logs: [(pattern: LogPattern, lines: Int)]?,
    transitions: [(from: LogPattern, to: LogPattern, lines: Int)]? = nil
  ) {
    (self.time, self.metrics, self.logs) = (time, metrics, logs)
    self.transitions = transitions
  }
}

/// Walks the rows of a frame in the order of time, for one model's columns.
public struct FrameRows: Sequence, IteratorProtocol {
  private let frame: ServiceFrame
  private let grid: TimeGrid
  private let positions: [Int?]
  private var row = 0
  private var nextCount = 0
  private var nextTransition = 0

  /// Columns of the model that the frame does not have.
  public let absentColumns: [String]

  /// Aligns a frame with a model's columns by name; order does not matter and others are ignored.
  public init(frame: ServiceFrame, grid: TimeGrid, columns: [String]) {
    self.frame = frame
    self.grid = grid
    let index = Dictionary(
      frame.columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    positions = columns.map { index[$0] }
    absentColumns = columns.filter { index[$0] == nil }
  }

  /// The next cell's row, nil after the last cell.
  public mutating func next() -> TelemetryRow? {
    guard row < grid.count else { return nil }
    defer { row += 1 }
    let base = row * frame.columns.count
    let metrics = positions.map { position in
      position.map { frame.values[base + $0] } ?? .nan
    }
    return TelemetryRow(
      time: grid.timestamp(at: row), metrics: metrics, logs: logLines(), transitions: transitions())
  }

  private mutating func logLines() -> [(pattern: LogPattern, lines: Int)]? {
    guard let logs = frame.logs else { return nil }
    var lines: [(pattern: LogPattern, lines: Int)] = []
    while nextCount < logs.counts.count, logs.counts[nextCount].row <= row {
      let count = logs.counts[nextCount]
      if count.row == row { lines.append((logs.patterns[count.pattern], count.lines)) }
      nextCount += 1
    }
    return logs.recorded[row] ? lines : nil
  }

  private mutating func transitions() -> [(from: LogPattern, to: LogPattern, lines: Int)]? {
    guard let logs = frame.logs, let all = logs.transitions else { return nil }
    var found: [(from: LogPattern, to: LogPattern, lines: Int)] = []
    while nextTransition < all.count, all[nextTransition].row <= row {
      let next = all[nextTransition]
      if next.row == row {
        found.append((logs.patterns[next.from], logs.patterns[next.to], next.lines))
      }
      nextTransition += 1
    }
    return logs.recorded[row] ? found : nil
  }
}
