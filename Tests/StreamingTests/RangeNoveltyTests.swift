import Foundation
import LinearAlgebra
import Streaming
import Telemetry
import Testing

/// A day in hours of a sine with small noise.
private func series(_ count: Int) -> [Double] {
  var generator = Philox(seed: 3, purpose: "range novelty")
  return (0..<count).map { row in
    10 + 5 * sin(Double(row % 24) / 24 * 2 * .pi) + 0.2 * Double(generator.uniformFloat())
  }
}

private func scores(_ values: [Double], first: Int) -> [Double] {
  var detector = RangeNovelty(first: first)
  return values.enumerated().map { row, value in
    detector.score(value, at: Timestamp(seconds: 0) + .hours(Int64(row)))
  }
}

@Suite("Novelty of ranges")
struct RangeNoveltyTests {
  @Test("a series that repeats itself hardly ever alarms, and the first rows never")
  func quiet() {
    let found = scores(series(2000), first: 300)
    #expect(found[..<300].allSatisfy { $0 == 0 })
    #expect(found.count { $0 >= RangeNovelty.boundary } <= 20)
  }

  @Test("a value far outside alarms at once, and what follows belongs to it")
  func spike() {
    var values = series(1000)
    for row in 800..<810 { values[row] = 60 }
    let found = scores(values, first: 300)
    #expect(found[800] > 3)
    // The means are still rising into the event: only what is half as large again counts anew.
    #expect(found[801..<810].count { $0 > 0 } <= 3)
  }

  @Test("after a score the bar for the next one is halved with time")
  func bar() {
    func scored(second row: Int) -> [Double] {
      var values = series(1000)
      values[700] = 30
      // Beyond all before it, but no half as far again.
      values[row] = 60
      return scores(values, first: 300)
    }
    let near = scored(second: 702)
    #expect(near[700] > 0)
    #expect(near[702] == 0)
    // Half of the 60 rows, a fifth of the first ones, in which the bar is halved.
    let later = scored(second: 730)
    #expect(later[700] == near[700])
    #expect(later[730] > later[700])
  }

  @Test("a jump within the range alarms when no two neighbours were ever so far apart")
  func jump() {
    // A week-long swell: no time of day tells of it, and no mean of so few rows.
    var values = (0..<1000).map { 10 + 5 * sin(Double($0) / 168 * 2 * .pi) }
    // From the highest value to the middle of the range at once.
    let top = 42 + 168 * 4
    values[top + 1] = 10
    #expect(scores(values, first: 300)[top + 1] >= RangeNovelty.boundary)
  }

  @Test("a value inside the range alarms when it is unusual for the time of day")
  func contextual() {
    var values = series(1000)
    // Midday's value at night, where the sine is lowest.
    let night = 800 / 24 * 24 + 18
    values[night] = 14.5
    #expect(scores(values, first: 300)[night] >= RangeNovelty.boundary)
  }

  @Test("scores depend on earlier rows alone")
  func causal() {
    let values = series(1000)
    var changed = values
    for row in 900..<1000 { changed[row] = 1000 }
    #expect(scores(values, first: 300)[..<900] == scores(changed, first: 300)[..<900])
  }

  @Test("missing values score 0 and leave no trace")
  func missing() {
    var values = series(1000)
    values[700] = .nan
    values[701] = .infinity
    let found = scores(values, first: 300)
    #expect(found[700] == 0 && found[701] == 0)
    #expect(found.allSatisfy { $0.isFinite })
  }

  @Test("a series without any spread is quiet until it moves")
  func flat() {
    var values = Array(repeating: 7.0, count: 600)
    #expect(scores(values, first: 100).allSatisfy { $0 == 0 })
    values[500] = 8
    values[501] = 20
    #expect(scores(values, first: 100)[501] > 1)
  }

  @Test("a range grows by its own width at most once it is learned")
  func limitedGrowth() {
    var range = RangeTracker(growth: 1)
    range.insert(0, isLimited: false)
    range.insert(10, isLimited: false)
    range.insert(1000, isLimited: true)
    #expect(range.excess(of: 30) == 0.5)
    #expect(range.excess(of: -10) == 0.5)
    #expect(range.excess(of: 20) == 0)
  }
}
