import Telemetry
import Testing

@Suite struct TimeGridTests {
  /// Grids with instants around zero, so that offsets of both signs and every border occur.
  private static let grids: [TimeGrid] = [-23, -7, -1, 0, 1, 5, 40].flatMap { first in
    [1, 2, 3, 7, 10].flatMap { step in
      [0, 1, 2, 5].map { count in
        TimeGrid(
          first: Timestamp(milliseconds: first), interval: TimeSpan(milliseconds: step),
          count: count)
      }
    }
  }

  private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

  /// Whether cell `index`, which need not be in the grid, covers an instant: by its definition.
  private func cell(_ index: Int, of grid: TimeGrid, covers time: Timestamp) -> Bool {
    let end = grid.timestamp(at: index)
    return time > end - grid.interval && time <= end
  }

  /// The cells of a grid for which a condition holds, which must be consecutive.
  private func cells(of grid: TimeGrid, where condition: (Timestamp) -> Bool) -> [Int] {
    (0..<grid.count).filter { condition(grid.timestamp(at: $0)) }
  }

  @Test(arguments: grids)
  func `an instant belongs to the one cell that covers it`(grid: TimeGrid) {
    for offset in -60...100 as ClosedRange<Int64> {
      let covering = (-110...130).filter { cell($0, of: grid, covers: time(offset)) }
      #expect(covering == [grid.index(covering: time(offset))])
    }
  }

  @Test(arguments: grids)
  func `the cells in a range are those whose instants it contains`(grid: TimeGrid) {
    for start in -40...80 as ClosedRange<Int64> {
      for length in [0, 1, 2, 3, 6, 7, 10, 11, 50] as [Int64] {
        let range = TimeRange(start: time(start), end: time(start + length))
        #expect(Array(grid.indices(in: range)) == cells(of: grid) { range.contains($0) })
      }
    }
  }

  @Test(arguments: grids)
  func `the cells that touch a stretch share more than an instant with it`(grid: TimeGrid) {
    for start in -40...80 as ClosedRange<Int64> {
      for length in [-5, 0, 1, 2, 3, 6, 7, 10, 11, 50] as [Int64] {
        let touched = grid.indices(touching: time(start), time(start + length))
        let expected = cells(of: grid) { end in
          let shared = min(end, time(start + length)) - max(end - grid.interval, time(start))
          return shared > .zero
        }
        #expect(Array(touched) == expected, "[\(start), \(start + length)) on \(grid)")
      }
    }
  }

  @Test func `random ranges and stretches agree with the definition on a real clock`() {
    var generator = SplitMix(seed: 3)
    for _ in 0..<2000 {
      let grid = TimeGrid(
        first: time(.random(in: -4_000_000_000_000...4_000_000_000_000, using: &generator)),
        interval: TimeSpan(milliseconds: .random(in: 1...100_000, using: &generator)),
        count: .random(in: 0...40, using: &generator))
      let reach = grid.interval.milliseconds * 50
      let start =
        grid.first
        + TimeSpan(milliseconds: .random(in: -reach...reach, using: &generator))
      let end = start + TimeSpan(milliseconds: .random(in: 0...reach, using: &generator))
      let range = TimeRange(start: start, end: end)
      #expect(Array(grid.indices(in: range)) == cells(of: grid) { range.contains($0) })
      #expect(
        Array(grid.indices(touching: start, end))
          == cells(of: grid) { min($0, end) - max($0 - grid.interval, start) > .zero })
      #expect(cell(grid.index(covering: start), of: grid, covers: start))
    }
  }

  @Test func `consecutive ranges divide a grid without loss`() {
    let grid = TimeGrid(first: time(-3), interval: TimeSpan(milliseconds: 4), count: 30)
    for border in -20...140 as ClosedRange<Int64> {
      let before = grid.indices(in: TimeRange(start: time(-20), end: time(border)))
      let after = grid.indices(in: TimeRange(start: time(border), end: time(140)))
      #expect(before.upperBound == after.lowerBound)
      #expect(before.count + after.count == 30)
    }
  }

  @Test func `ranges without end are cut at the grid`() {
    let grid = TimeGrid(first: time(-3), interval: .minutes(1), count: 30)
    let always = TimeRange(start: time(.min), end: time(.max))
    #expect(grid.indices(in: always) == 0..<30)
    #expect(grid.indices(touching: time(.min), time(.max)) == 0..<30)
    #expect(grid.indices(in: TimeRange(start: time(.min), end: time(.min))).isEmpty)
    #expect(grid.indices(touching: time(.max - 1), time(.max)).isEmpty)
    #expect(grid.indices(touching: time(.min), time(.min + 1)).isEmpty)
  }

  @Test func `all cells lie in the grid's own range`() {
    let grid = TimeGrid(first: time(-3), interval: .minutes(1), count: 30)
    #expect(grid.range.length == .minutes(30))
    #expect(grid.indices(in: grid.range) == 0..<30)
    #expect(grid.indices(touching: grid.range.start, grid.range.end) == 0..<30)
    #expect(TimeGrid(first: time(5), interval: .minutes(1), count: 0).range.length == .zero)
  }

  @Test func `an interval of zero traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = TimeGrid(first: Timestamp(milliseconds: 0), interval: .zero, count: 1)
    }
  }
}
