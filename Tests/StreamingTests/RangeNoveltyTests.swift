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
