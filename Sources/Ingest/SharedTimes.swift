/// The instants of one series after the other. Series that have the same ones as the series before, as
/// those of a table do, share one array.
struct SharedTimes {
  /// Evenly spaced instants that follow each other.
  private struct Run: Equatable {
    var first: Int64
    var step: Int64
    var count: Int
  }

  /// Instants of the series before, and the runs they are made of; nil where they are not even.
  private var times: [Int64] = []
  private var runs: [Run?] = []
  /// Instants of this series and their runs, once they are not the beginning of those before.
  private var own: [Int64] = []
  private var ownRuns: [Run?] = []
  /// How much of the series before is the beginning of this one.
  private var same = 0
  private var sameRuns = 0

  /// Adds a block of the series.
  mutating func add(_ block: SampleTrack.Block) {
    let count = block.values.count
    let run = block.times.isEmpty ? Run(first: block.first, step: block.step, count: count) : nil
    if own.isEmpty, let run, sameRuns < runs.count, runs[sameRuns] == run {
      same += count
      sameRuns += 1
      return
    }
    if own.isEmpty {
      own += times[..<same]
      ownRuns += runs[..<sameRuns]
    }
    for index in 0..<count { own.append(block.time(index)) }
    ownRuns.append(run)
  }

  /// Ends the series and returns its instants.
  mutating func finish() -> [Int64] {
    if own.isEmpty {
      // All of it was there before, and perhaps more.
      if same < times.count { (times, runs) = (Array(times[..<same]), Array(runs[..<sameRuns])) }
    } else if own != times {
      (times, runs) = (own, ownRuns)
    }
    (own, ownRuns, same, sameRuns) = ([], [], 0, 0)
    return times
  }
}
