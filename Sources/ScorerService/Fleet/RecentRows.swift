internal import Features
internal import Telemetry

/// The last rows of a service as they came, in bounded memory.
struct RecentRows: Sendable {
  private let columns: Int
  private let capacity: Int
  private var times: [Int64] = []
  private var metrics: [Double] = []
  private var logs: [LogsOfRow?] = []
  private var start = 0

  /// What a row says of logs.
  struct LogsOfRow: Sendable {
    var lines: [(pattern: LogPattern, lines: Int)]
    var transitions: [(from: LogPattern, to: LogPattern, lines: Int)]?
  }

  init(columns: Int, capacity: Int) {
    (self.columns, self.capacity) = (columns, capacity)
  }

  var count: Int { times.count }

  mutating func append(_ row: TelemetryRow) {
    let logs = row.logs.map { LogsOfRow(lines: $0, transitions: row.transitions) }
    if times.count < capacity {
      if times.isEmpty {
        // Arrays that grow have room for up to twice of what they hold.
        times.reserveCapacity(capacity)
        metrics.reserveCapacity(capacity * columns)
      }
      times.append(row.time.milliseconds)
      metrics.append(contentsOf: row.metrics)
      // Services without logs need no list.
      if logs != nil || !self.logs.isEmpty {
        while self.logs.count < times.count - 1 { self.logs.append(nil) }
        self.logs.append(logs)
      }
      return
    }
    times[start] = row.time.milliseconds
    for index in 0..<columns { metrics[start * columns + index] = row.metrics[index] }
    if logs != nil || !self.logs.isEmpty {
      while self.logs.count < times.count { self.logs.append(nil) }
      self.logs[start] = logs
    }
    start = (start + 1) % capacity
  }

  /// A row by its age; 0 is the oldest.
  subscript(index: Int) -> TelemetryRow {
    let place = (start + index) % times.count
    let logs = place < logs.count ? logs[place] : nil
    return TelemetryRow(
      time: Timestamp(milliseconds: times[place]),
      metrics: Array(metrics[place * columns..<(place + 1) * columns]), logs: logs?.lines,
      transitions: logs?.transitions)
  }

  /// A value of the last row.
  func last(column: Int) -> Double {
    guard !times.isEmpty else { return .nan }
    let place = (start + times.count - 1) % times.count
    return metrics[place * columns + column]
  }
}
