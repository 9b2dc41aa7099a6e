internal import Telemetry

/// Counts per grid cell which log pattern comes right after which in the same stream.
///
/// A pause longer than the grid's interval ends what can follow; so the two lines of a pair lie in
/// one cell or in neighbours, and no pair reaches over time that was not recorded.
struct TransitionCounter {
  /// A line that counts: its instant in milliseconds, and `LogLine.bits(of:)` with its pattern.
  struct Line {
    var time: Int64
    var bits: UInt64

    var line: LogLine { LogLine(Double(bitPattern: bits)) }
  }

  private let grid: TimeGrid
  /// The most distinct pairs.
  private let limit: Int
  /// The last line of each stream.
  private var last: [UInt32: (time: Int64, pattern: Int)] = [:]
  /// Pairs by number, and their numbers.
  private var pairs: [(from: Int, to: Int)] = []
  private var numbers: [UInt64: Int] = [:]
  /// Lines in the cell that is being counted, by pair, and the pairs that have any.
  private var counts: [Int] = []
  private var counted: [Int] = []
  private var row = 0
  /// What was counted, ascending by row, `from` and `to`.
  private(set) var found: [LogActivity.Transition] = []
  /// Pairs of lines that were left out because of the limit.
  private(set) var overflow = 0

  init(grid: TimeGrid, limit: Int) { (self.grid, self.limit) = (grid, limit) }

  /// Adds lines in any order, all of them later than those added before.
  ///
  /// Of one microsecond those of a stream are taken in the order of their patterns, so that the
  /// result depends on what was logged and not on how it was read.
  mutating func add(_ lines: consuming [Line]) {
    lines.sort { ($0.time, $0.bits) < ($1.time, $1.bits) }
    let pause = grid.interval.milliseconds
    for line in lines {
      let row = grid.index(covering: Timestamp(milliseconds: line.time))
      if row != self.row {
        finish()
        self.row = row
        last = last.filter { line.time - $0.value.time <= pause }
      }
      let entry = line.line
      let previous = last.updateValue((line.time, entry.pattern), forKey: entry.stream)
      guard let previous, line.time - previous.time <= pause else { continue }
      count(from: previous.pattern, to: entry.pattern)
    }
  }

  private mutating func count(from: Int, to: Int) {
    let key = UInt64(from) << 32 | UInt64(to)
    var number = numbers[key]
    if number == nil, pairs.count < limit {
      number = pairs.count
      numbers[key] = pairs.count
      pairs.append((from, to))
      counts.append(0)
    }
    guard let number else {
      overflow += 1
      return
    }
    if counts[number] == 0 { counted.append(number) }
    counts[number] += 1
  }

  /// Ends the cell that is being counted.
  mutating func finish() {
    counted.sort { pairs[$0] < pairs[$1] }
    for number in counted {
      let (from, to) = pairs[number]
      found.append(.init(row: row, from: from, to: to, lines: counts[number]))
      counts[number] = 0
    }
    counted.removeAll(keepingCapacity: true)
  }
}
