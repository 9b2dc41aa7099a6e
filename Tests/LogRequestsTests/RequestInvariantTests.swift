import LogRequests
import Foundation
import LogTemplates
import Storage
import Telemetry
import Testing

private let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 12)
private let begins = LogPattern(text: "a.B#1 request begins", level: .info)
private let ends = LogPattern(text: "a.B#9 request ends", level: .info)
private let calls = LogPattern(text: "a.B#5 asks the database", level: .info)
private let strange = LogPattern(text: "z.Z#7 something never seen before", level: .error)
private let patterns = [begins, ends, calls, strange]

/// Lines of a request: a second apart in tenths, by pattern.
private func request(_ trace: UInt64, at second: Double, _ numbers: [Int]) -> [TracedLine] {
  numbers.enumerated().map { place, number in
    TracedLine(
      time: Int64(second * 1e6) + Int64(place) * 100_000,
      trace: TraceIdentity(high: 0, low: trace), number: number)
  }
}

/// Lines by cell, all cells recorded but those named.
private func cells(_ lines: [TracedLine], silent: Set<Int> = []) -> [[TracedLine]?] {
  var cells = (0..<grid.count).map { silent.contains($0) ? nil : [TracedLine]() }
  for line in lines.sorted(by: { ($0.time, $0.trace) < ($1.time, $1.trace) }) {
    cells[grid.index(covering: Timestamp(milliseconds: line.time / 1000))]?.append(line)
  }
  return cells
}

/// A request every five seconds, with one to three calls.
private func ordinary(_ range: Range<Int>) -> [TracedLine] {
  range.flatMap { number in
    request(
      UInt64(number), at: Double(number) * 5 + 3,
      [0] + Array(repeating: 2, count: 1 + number % 3) + [1])
  }
}

private let trained = (0..<grid.count).map { $0 < 6 }

private func fitted() throws -> RequestInvariantModel {
  try #require(
    RequestInvariantModel(
      fitting: cells(ordinary(0..<140)), patterns: patterns, grid: grid, isFitted: trained))
}

private func scores(
  _ model: RequestInvariantModel, _ cells: [[TracedLine]?]
) -> [RequestInvariantScore?] {
  var scorer = model.scorer(interval: grid.interval)
  return cells.indices.map {
    scorer.push(cells[$0], patterns: patterns, endingAt: grid.timestamp(at: $0))
  }
}

private func document(_ text: String) throws -> JSONDocument {
  JSONDocument(try JSONValue(parsing: Array(text.utf8), source: "f"), source: "f")
}

@Suite struct RequestInvariantTests {
  @Test func `a request that lacks its last line breaks what training kept`() throws {
    let model = try fitted()
    // Calls come in any number; first and last line do not.
    #expect(model.invariants.pairs.count == 1)
    var lines = ordinary(0..<140)
    lines += request(1000, at: 8 * 60 + 20, [0, 2])
    let scores = scores(model, cells(lines))
    #expect(scores.map { $0?.broken } == (0..<12).map { $0 == 8 ? 1 : 0 })
    let broken = try #require(scores[8])
    #expect(broken.violations == [.init(invariant: 0, requests: 1)])
    #expect(broken.requests == 13 && broken.score == 1 / 15 as Float)
    // The explanation names both templates.
    let pair = model.invariants.pairs[0]
    let texts = [pair.first, pair.second].map { model.dictionary.templates[$0].text }
    #expect(Set(texts) == [begins.text, ends.text])
  }

  @Test func `a missing line does not hide behind one that is too many`() throws {
    let model = try fitted()
    let lines =
      ordinary(0..<140) + request(1000, at: 500, [0, 2]) + request(1001, at: 501, [0, 2, 1, 1])
    #expect(scores(model, cells(lines))[8]?.broken == 2)
  }

  @Test func `ratios other than one are found`() throws {
    let lines = (0..<60).flatMap { request(UInt64($0), at: Double($0) * 5 + 3, [0, 2, 2, 2, 1]) }
    let model = try #require(
      RequestInvariantModel(
        fitting: cells(lines), patterns: patterns, grid: grid, isFitted: trained))
    // A tree over three templates.
    #expect(model.invariants.pairs.count == 2)
    let odd = request(1000, at: 400, [0, 2, 2, 1])
    #expect(scores(model, cells(lines + odd)).compactMap { $0?.broken }.reduce(0, +) == 1)
  }

  @Test func `what recording cuts off is no request`() throws {
    let model = try fitted()
    // One begins just after recording does, one has not ended when it stops: cells 8 and 9.
    let lines = request(1, at: 8 * 60 + 1, [1]) + request(2, at: 10 * 60 - 1, [0])
    let scores = scores(model, cells(lines, silent: [6, 7, 10, 11]))
    #expect(scores.map { $0 == nil } == (0..<12).map { [6, 7, 10, 11].contains($0) })
    #expect(scores.compactMap { $0?.requests }.reduce(0, +) == 0)
  }

  @Test func `a request over two cells is whole and belongs to where it is known to have ended`()
    throws
  {
    let model = try fitted()
    let lines = request(1, at: 8 * 60 - 0.15, [0, 2, 2, 1])
    let scores = scores(model, cells(lines))
    #expect(scores.map { $0?.requests } == (0..<12).map { $0 == 8 ? 1 : 0 })
    #expect(scores[8]?.broken == 0)
  }

  @Test func `a trace that is silent for long has another request`() throws {
    let model = try fitted()
    let lines = request(1, at: 490, [0]) + request(1, at: 495, [1])
    #expect(scores(model, cells(lines))[8]?.broken == 2)
  }

  @Test func `later cells change no earlier score, and unknown lines count for nothing`() throws {
    let model = try fitted()
    let early = scores(model, cells(ordinary(0..<140)))
    let changed = scores(
      model,
      cells(ordinary(0..<140) + request(7777, at: 601, [0, 0, 0]) + request(8, at: 602, [3])))
    #expect(Array(early[..<10]) == Array(changed[..<10]))
    #expect(early[10] != changed[10])
    #expect(changed[10]?.broken == 1)
  }

  @Test func `what is not trained on, and the order of requests, changes no model`() throws {
    let model = try fitted()
    let other = try #require(
      RequestInvariantModel(
        fitting: cells(ordinary(0..<72) + request(5000, at: 500, [0, 0, 0, 3])),
        patterns: patterns, grid: grid, isFitted: trained))
    #expect(model == other)
    // Patterns numbered the other way round are the same.
    let mirrored = ordinary(0..<140).map {
      TracedLine(time: $0.time, trace: $0.trace, number: 3 - $0.number)
    }
    #expect(
      try #require(
        RequestInvariantModel(
          fitting: cells(mirrored), patterns: patterns.reversed(), grid: grid, isFitted: trained))
        == model)
  }

  @Test func `too few requests, or none, give no model`() {
    for lines in [[], ordinary(0..<4)] {
      #expect(
        RequestInvariantModel(
          fitting: cells(lines), patterns: patterns, grid: grid, isFitted: trained) == nil)
    }
  }

  @Test func `a model read from its JSON scores alike`() throws {
    let model = try fitted()
    let read = try document(model.json.text())
    #expect(try RequestInvariantModel(json: read) == model)
  }

  @Test(arguments: [
    (#""autopilotops.request-invariants/1""#, #""autopilotops.request-invariants/2""#),
    ("[0,1,1,1]", "[1,0,1,1]"), ("[0,1,1,1]", "[0,99,1,1]"), ("[0,1,1,1]", "[0,1,0,1]"),
    ("[0,1,1,1]", "[0,1,1,5]"), ("[0,1,1,1]", "[0,1,1]"), ("[0,1,1,1]", "[0,1,1,1],[0,1,1,1]"),
  ])
  func `numbers that cannot be are refused`(_ old: String, _ new: String) throws {
    var model = try fitted()
    model.invariants.pairs = [
      RequestInvariants.Pair(first: 0, second: 1, firstFactor: 1, secondFactor: 1)
    ]
    let text = model.json.text().replacing(" ", with: "")
    try #require(text.contains(old), "\(text)")
    let changed = try document(text.replacing(old, with: new))
    #expect(throws: StorageError.self) { try RequestInvariantModel(json: changed) }
  }

  @Test func `more traces than have room are counted, and memory stays bounded`() {
    var tracker = RequestTracker(interval: .minutes(1))
    let many = (0..<RequestTracker.mostOpen + 10).map {
      TracedLine(
        time: 59_000_000 + Int64($0), trace: TraceIdentity(high: 1, low: UInt64($0)), number: 0)
    }
    #expect(tracker.push(many, endingAt: Timestamp(seconds: 60)).isEmpty)
    #expect(tracker.overflow == 10)
    #expect(tracker.push([], endingAt: Timestamp(seconds: 120)).count == RequestTracker.mostOpen)
  }

  @Test func `a request of too many templates is left out`() {
    var tracker = RequestTracker(interval: .minutes(1))
    let lines =
      request(1, at: 10, Array(0...RequestTracker.mostTemplates)) + request(2, at: 40, [0])
    let ended = tracker.push(lines, endingAt: Timestamp(seconds: 60))
    #expect(ended == [LogRequest(lines: [0: 1])])
  }
}

/// Requests that Python cut out of the same lines; Fixtures/make_request_fixture.py says how.
private struct RequestFixture: Decodable {
  var fitted: Int
  var silent: [Int]
  var lines: [[Int64]]
  var pairs: [[Int]]
  var cells: [[Int]?]
}

@Suite struct RequestFixtureTests {
  @Test func `requests and what they break are those of a second implementation`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/requests.json")
    let fixture = try JSONDecoder().decode(RequestFixture.self, from: Data(contentsOf: path))
    let grid = TimeGrid(
      first: Timestamp(seconds: 60), interval: .minutes(1), count: fixture.cells.count)
    // Call sites keep the patterns apart.
    let patterns = (0..<9).map { LogPattern(text: "a.B#\($0) happens", level: .info) }
    let log = fixture.lines.map {
      TracedLine(
        time: $0[0], trace: TraceIdentity(high: 0, low: UInt64($0[1])), number: Int($0[2]))
    }
    var cells = (0..<grid.count).map { fixture.silent.contains($0) ? nil : [TracedLine]() }
    for line in log {
      cells[grid.index(covering: Timestamp(milliseconds: line.time / 1000))]?.append(line)
    }
    let model = try #require(
      RequestInvariantModel(
        fitting: cells, patterns: patterns, grid: grid,
        isFitted: cells.indices.map { $0 < fixture.fitted }))
    // Python has all pairs, of which the tree's are some.
    let ratios = model.invariants.pairs.map { pair in
      let names = [pair.first, pair.second].map { model.dictionary.templates[$0].text }
      let numbers = names.map { name in patterns.firstIndex { $0.text == name } ?? -1 }
      return numbers[0] < numbers[1]
        ? numbers + [pair.secondFactor, pair.firstFactor]
        : numbers.reversed() + [pair.firstFactor, pair.secondFactor]
    }
    #expect(ratios.allSatisfy(fixture.pairs.contains))
    #expect(!ratios.isEmpty && ratios.count < fixture.pairs.count)
    var scorer = model.scorer(interval: grid.interval)
    for (cell, expected) in fixture.cells.enumerated() {
      let score = scorer.push(
        cells[cell], patterns: patterns, endingAt: grid.timestamp(at: cell))
      #expect(score.map { [$0.requests, $0.broken] } == expected, "cell \(cell)")
    }
    #expect(fixture.cells.contains { ($0?[1] ?? 0) > 5 })
  }
}
