internal import LinearAlgebra

/// A range that holds 95 of 100 repetitions of an evaluation.
public struct Interval: Hashable, Sendable {
  /// The 2.5th percentile.
  public var low: Double
  /// The 97.5th percentile.
  public var high: Double

  /// Makes an interval.
  public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

  /// The interval of repeated figures; nil without any.
  init?(_ repetitions: [Double]) {
    let sorted = repetitions.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return nil }
    low = quantile(ofSorted: sorted, 0.025)
    high = quantile(ofSorted: sorted, 0.975)
  }
}

/// How far figures of a detector would move with other incidents.
public struct ResultIntervals: Hashable, Sendable {
  /// Of the average precision.
  public var averagePrecision: Interval?
  /// Of the share of incidents found.
  public var recall: Interval?
  /// Of the first row's average precision minus this one's, on the same repetitions; nil for the
  /// first row. An interval on one side of 0 tells the two apart.
  public var firstMinusThis: Interval?
}

/// Repeats an evaluation on incidents drawn with replacement (Künsch, "The jackknife and the
/// bootstrap for general stationary observations", 1989).
///
/// A block is one incident, or several that overlap, with the quiet time up to halfway to its
/// neighbours, over all services together: cells that follow each other, and services that fail
/// together, are not independent.
struct BlockBootstrap {
  /// Fewer blocks give intervals that say nothing.
  static let fewestBlocks = 5
  private static let repetitions = 200

  /// Per cell of the grid, the block; -1 where it is not tested on.
  let blocks: [Int32]
  /// How often each repetition drew each block, [repetitions][blocks].
  let draws: [[Double]]

  /// Cuts the test time into blocks; nil with fewer than `fewestBlocks`.
  init?(_ marks: CellMarks) {
    var windows: [Range<Int>] = []
    for incident in marks.incidents {
      guard let first = incident.window.first, let last = incident.window.last else { continue }
      let window = first.lowerBound..<last.upperBound
      if let before = windows.last, window.lowerBound < before.upperBound {
        windows[windows.count - 1] =
          before.lowerBound..<max(before.upperBound, window.upperBound)
      } else {
        windows.append(window)
      }
    }
    guard windows.count >= Self.fewestBlocks else { return nil }
    var cells = [Int32](repeating: -1, count: marks.services[0].count)
    var block = 0
    for (cell, mark) in marks.services[0].enumerated() where mark.isTest {
      while block + 1 < windows.count,
        2 * cell >= windows[block].upperBound + windows[block + 1].lowerBound
      {
        block += 1
      }
      cells[cell] = Int32(block)
    }
    blocks = cells
    let count = windows.count
    draws = (0..<Self.repetitions).map { repetition in
      var generator = Philox(seed: 0, purpose: "bootstrap", index: repetition)
      var drawn = [Double](repeating: 0, count: count)
      for _ in 0..<count { drawn[generator.index(below: count)] += 1 }
      return drawn
    }
  }

  /// The average precision of each repetition; NaN for one that drew no positive cell.
  func averagePrecisions(_ detector: DetectorScores, marks: CellMarks) -> [Double] {
    // The score's pattern and the label as in `RankedCells`, the block below them.
    var cells: [UInt64] = []
    for (service, scores) in zip(marks.services, detector.services) {
      for (cell, mark) in service.enumerated() where mark.isRanked {
        let score = scores.scores[cell]
        guard !score.isNaN else { continue }
        let key = RankedCells.key(score: score, positive: mark.contains(.positive))
        cells.append(UInt64(key) << 32 | UInt64(UInt32(bitPattern: blocks[cell])))
      }
    }
    cells.sort(by: >)
    return draws.map { averagePrecision(cells, weights: $0) }
  }

  private func averagePrecision(_ cells: [UInt64], weights: [Double]) -> Double {
    var (raised, found, sum) = (0.0, 0.0, 0.0)
    var start = 0
    while start < cells.count {
      let level = cells[start] >> 33
      var foundHere = 0.0
      while start < cells.count, cells[start] >> 33 == level {
        let weight = weights[Int(cells[start] & 0xFFFF_FFFF)]
        raised += weight
        if cells[start] >> 32 & 1 == 1 { foundHere += weight }
        start += 1
      }
      guard foundHere > 0 else { continue }
      found += foundHere
      sum += foundHere * (found / raised)
    }
    return found > 0 ? sum / found : .nan
  }

  /// The share of incidents found in each repetition.
  func recalls(_ outcomes: [IncidentOutcome], marks: CellMarks) -> [Double] {
    let places = marks.incidents.map { incident in
      incident.window.first.map { Int(blocks[$0.lowerBound]) } ?? 0
    }
    return draws.map { drawn in
      var (found, total) = (0.0, 0.0)
      for (outcome, place) in zip(outcomes, places) {
        total += drawn[place]
        if outcome.isFound { found += drawn[place] }
      }
      return total > 0 ? found / total : .nan
    }
  }
}

extension [DetectorResult] {
  /// Adds intervals to the rows of detectors, in the same order.
  mutating func addIntervals(_ detectors: [DetectorScores], marks: CellMarks) {
    guard let bootstrap = BlockBootstrap(marks) else { return }
    var first: [Double]?
    for index in indices {
      let precisions = bootstrap.averagePrecisions(detectors[index], marks: marks)
      var intervals = ResultIntervals()
      intervals.averagePrecision = Interval(precisions)
      intervals.recall = Interval(bootstrap.recalls(self[index].outcomes, marks: marks))
      if let first {
        intervals.firstMinusThis = Interval(zip(first, precisions).map { $0 - $1 })
      } else {
        first = precisions
      }
      self[index].intervals = intervals
    }
  }
}
