import Companions
import Testing

import Exporters

/// Answers the pager's questions as Loki does, and returns what it hands out.
private func drain(
  _ pager: inout LokiPager, of lines: [LokiEntry], mostEntries: Int = .max
) -> [LokiEntry] {
  var handedOut: [LokiEntry] = []
  while let question = pager.next {
    if question.limit > mostEntries {
      handedOut += pager.giveUp()
      continue
    }
    let found = lines.filter { $0.time >= question.start && $0.time < question.end }
    handedOut += pager.take(Array(found.prefix(question.limit)))
  }
  return handedOut
}

private func entry(_ time: Int64, _ line: String, stream: String = "{}") -> LokiEntry {
  LokiEntry(time: time, labels: stream, line: line)
}

@Suite struct LokiPagerTests {
  @Test func `a page that ends between lines of one instant loses and repeats nothing`() {
    let lines = [
      entry(1, "a"), entry(2, "b"), entry(2, "c"), entry(2, "d"), entry(3, "e"),
    ]
    var pager = LokiPager(start: 0, end: 10, limit: 3, mostLimit: 100)
    #expect(drain(&pager, of: lines) == lines)
    #expect(pager.overflows.isEmpty)
  }

  @Test func `equal lines of one instant are told apart by their number and their stream`() {
    let lines = [
      entry(1, "a"), entry(2, "same", stream: "{\"s\":1}"), entry(2, "same", stream: "{\"s\":1}"),
      entry(2, "same", stream: "{\"s\":2}"), entry(2, "same", stream: "{\"s\":2}"), entry(3, "z"),
    ]
    for limit in 1...7 {
      var pager = LokiPager(start: 0, end: 10, limit: limit, mostLimit: 100)
      #expect(drain(&pager, of: lines) == lines, "limit \(limit)")
    }
  }

  @Test func `an instant with more lines than the limit is asked for alone with a higher one`() {
    let crowd = (0..<50).map { entry(5, "line \($0)") }
    let lines = [entry(4, "before")] + crowd + [entry(6, "after")]
    var pager = LokiPager(start: 0, end: 10, limit: 4, mostLimit: 64)
    #expect(drain(&pager, of: lines) == lines)
    #expect(pager.overflows.isEmpty)
  }

  @Test func `an instant that no limit holds is reported, and paging goes on after it`() {
    let crowd = (0..<50).map { entry(5, "line \($0)") }
    let lines = [entry(4, "before")] + crowd + [entry(6, "after")]
    var pager = LokiPager(start: 0, end: 10, limit: 4, mostLimit: 32)
    let handedOut = drain(&pager, of: lines)
    #expect(handedOut == [entry(4, "before")] + crowd.prefix(32) + [entry(6, "after")])
    #expect(pager.overflows == [LokiPager.Overflow(time: 5, received: 32)])
  }

  @Test func `a server that refuses the higher limit leaves what was already known`() {
    let crowd = (0..<50).map { entry(5, "line \($0)") }
    var pager = LokiPager(start: 0, end: 10, limit: 10, mostLimit: 1000)
    #expect(
      drain(&pager, of: crowd + [entry(6, "after")], mostEntries: 25)
        == crowd.prefix(20) + [entry(6, "after")])
    #expect(pager.overflows == [LokiPager.Overflow(time: 5, received: 20)])
  }

  @Test func `a lowered limit still brings everything`() {
    let lines = (0..<40).map { entry(Int64($0 / 3), "line \($0)") }
    var pager = LokiPager(start: 0, end: 100, limit: 16, mostLimit: 64)
    let isLower = pager.lower()
    #expect(isLower)
    #expect(pager.next?.limit == 8)
    #expect(drain(&pager, of: lines) == lines)
  }

  @Test func `an empty window is no question`() {
    #expect(LokiPager(start: 5, end: 5, limit: 1, mostLimit: 1).next == nil)
  }

  @Test func `random lines with many shared instants come out once each at every limit`() {
    var random = SplitMix(state: 11)
    for round in 0..<300 {
      let count = Int.random(in: 0..<60, using: &random)
      let spread = Int64.random(in: 1...20, using: &random)
      let lines = (0..<count).map { _ in
        entry(
          Int64.random(in: 0..<spread, using: &random),
          "line \(Int.random(in: 0..<4, using: &random))",
          stream: "{\"s\":\(Int.random(in: 0..<2, using: &random))}")
      }.sorted { ($0.time, $0.labels, $0.line) < ($1.time, $1.labels, $1.line) }
      let limit = Int.random(in: 1...12, using: &random)
      var pager = LokiPager(start: 0, end: 20, limit: limit, mostLimit: 64)
      #expect(drain(&pager, of: lines) == lines, "round \(round), limit \(limit)")
    }
  }
}
