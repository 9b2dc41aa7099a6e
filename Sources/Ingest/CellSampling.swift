internal import Telemetry

/// A series without repeated instants, in ascending order of time.
struct OrderedSamples {
  /// Milliseconds since 1970, [samples], strictly ascending.
  var times: [Int64]
  /// Finite values, [samples].
  var values: [Double]
  /// Samples dropped because another one has the same instant and value.
  var repeated = 0
  /// Samples dropped because a later one in the file has the same instant and another value.
  var replaced = 0

  /// Sorts samples; of those with one instant the last read stays.
  init(_ series: RawSeries) {
    (times, values) = (series.times, series.values)
    guard zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) else { return }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var (sortedTimes, sortedValues): ([Int64], [Double]) = ([], [])
    for index in order {
      if sortedTimes.last == times[index] {
        let last = sortedValues.count - 1
        if sortedValues[last] == values[index] { repeated += 1 } else { replaced += 1 }
        sortedValues[last] = values[index]
      } else {
        sortedTimes.append(times[index])
        sortedValues.append(values[index])
      }
    }
    (times, values) = (sortedTimes, sortedValues)
  }

  /// The last sample in each cell, [grid.count], and how many others there were.
  func lastPerCell(of grid: TimeGrid) -> (cells: [Double], surplus: Int) {
    var cells = [Double](repeating: .nan, count: grid.count)
    var surplus = 0
    for (time, value) in zip(times, values) {
      let row = grid.index(covering: Timestamp(milliseconds: time))
      guard row >= 0, row < grid.count else { continue }
      if !cells[row].isNaN { surplus += 1 }
      cells[row] = value
    }
    return (cells, surplus)
  }

  /// A counter's increase per second in each cell, [grid.count], and how many resets there were.
  ///
  /// The increase from the last sample before the cell to the last one in it, over the time
  /// between the two. A drop is a reset: the counter began again at 0. A sample more than five
  /// intervals after its predecessor tells nothing of the time between, and neither does the first.
  func ratePerCell(of grid: TimeGrid) -> (cells: [Double], resets: Int) {
    var cells = [Double](repeating: .nan, count: grid.count)
    var resets = 0
    let longest = grid.interval.milliseconds * 5
    var open: (row: Int, start: Int64, increase: Double)?
    for index in times.indices.dropFirst() {
      let (before, now) = (times[index - 1], times[index])
      guard now - before <= longest else {
        open = nil
        continue
      }
      var increase = values[index] - values[index - 1]
      if increase < 0 {
        resets += 1
        increase = values[index]
      }
      let row = grid.index(covering: Timestamp(milliseconds: now))
      if open?.row != row { open = (row, before, 0) }
      guard var cell = open else { continue }
      cell.increase += increase
      open = cell
      if row >= 0, row < grid.count {
        cells[row] = cell.increase / (Double(now - cell.start) / 1000)
      }
    }
    return (cells, resets)
  }
}
