internal import Telemetry

/// Turns the samples of one series, taken in ascending order of time, into a value per cell.
///
/// A gauge's cell holds its last sample. A counter's holds the increase per second: from the last
/// sample before the cell to the last one in it, over the time between the two. A drop is a reset:
/// the counter began again at 0. A sample more than five intervals after its predecessor tells
/// nothing of the time between, and neither does the first.
struct CellSampler {
  private let grid: TimeGrid
  private let kind: MetricKind
  private let step: Int64
  /// The cell of the last sample, which may lie outside the grid, and its end.
  private var row: Int
  private var end: Int64
  private var last: (time: Int64, value: Double)?
  /// A counter's cell while samples fall into it.
  private var open: (row: Int, start: Int64, increase: Double)?

  /// [grid.count]; NaN where there is no value.
  private(set) var cells: [Double]
  /// Samples of a gauge that a later one in the same cell replaced.
  private(set) var surplus = 0
  /// How often a counter began again.
  private(set) var resets = 0
  /// Samples outside of the grid.
  private(set) var outside = 0

  init(grid: TimeGrid, kind: MetricKind) {
    (self.grid, self.kind, step) = (grid, kind, grid.interval.milliseconds)
    (row, end) = (0, grid.first.milliseconds)
    cells = [Double](repeating: .nan, count: grid.count)
  }

  /// Takes the next sample.
  mutating func add(_ value: Double, at time: Int64) {
    move(to: time)
    let isInside = row >= 0 && row < cells.count
    if !isInside { outside += 1 }
    switch kind {
    case .gauge, .state:
      guard isInside else { return }
      if !cells[row].isNaN { surplus += 1 }
      cells[row] = value
    case .counter:
      count(value, at: time, isInside: isInside)
      last = (time, value)
    }
  }

  private mutating func count(_ value: Double, at time: Int64, isInside: Bool) {
    guard let last else { return }
    guard time - last.time <= 5 * step else {
      open = nil
      return
    }
    var increase = value - last.value
    if increase < 0 {
      resets += 1
      increase = value
    }
    if open?.row != row { open = (row, last.time, 0) }
    guard var cell = open else { return }
    cell.increase += increase
    open = cell
    if isInside { cells[row] = cell.increase / (Double(time - cell.start) / 1000) }
  }

  /// Finds the cell that covers an instant; mostly it is the last one or the next.
  private mutating func move(to time: Int64) {
    if time > end, time - end <= step {
      row += 1
      end += step
    } else if time > end || time <= end - step {
      row = grid.index(covering: Timestamp(milliseconds: time))
      end = grid.timestamp(at: row).milliseconds
    }
  }
}

/// The values of one column while series are added to it.
struct Cells {
  /// Sums over the series, [grid.count]; NaN where none has a value.
  private(set) var sums: [Double]
  /// Series with a value, [grid.count]; empty as long as there is one series.
  private var counts: [Int32] = []

  init(_ cells: [Double]) { sums = cells }

  /// Adds another series.
  mutating func merge(_ cells: [Double]) {
    if counts.isEmpty { counts = sums.map { $0.isNaN ? 0 : 1 } }
    for row in sums.indices where !cells[row].isNaN {
      sums[row] = counts[row] == 0 ? cells[row] : sums[row] + cells[row]
      counts[row] += 1
    }
  }

  /// The mean over the series that have a value, [grid.count].
  var means: [Double] {
    counts.isEmpty ? sums : zip(sums, counts).map { $1 > 1 ? $0 / Double($1) : $0 }
  }
}
