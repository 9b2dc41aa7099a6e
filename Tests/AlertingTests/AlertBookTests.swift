import Alerting
import Storage
import Telemetry
import Testing

private func book(
  hold: Int64 = 3, keep: Int64 = 2, silence: TimeSpan? = nil
) -> AlertBook {
  AlertBook(
    policy: AlertPolicy(
      hold: .minutes(hold), keepFiring: .minutes(keep), longestSilence: silence),
    interval: .minutes(1))
}

/// The words for what came of scores of consecutive minutes, by the minute.
private func story(_ scores: [Float], _ book: inout AlertBook) -> [String] {
  scores.enumerated().flatMap { index, score in
    book.take(cell(index + 1, score)).map { event in
      switch event {
      case .fired: "\(index + 1) fired"
      case .worsened: "\(index + 1) worse"
      case .resolved: "\(index + 1) resolved"
      case .muted: "\(index + 1) muted"
      }
    }
  }
}

@Suite struct AlertBookTests {
  @Test func `an alert fires once its score has held, and is over after it has kept firing`() {
    var book = book()
    #expect(
      story([0.2, 1, 1.5, 1.2, 1.4, 0.3, 1, 0.9, 0.1, 0.2], &book) == ["4 fired", "9 resolved"])
    #expect(book.firing.isEmpty)
  }

  @Test func `without a hold time the first cell fires, and without keeping the next ends it`() {
    var book = book(hold: 0, keep: 0)
    #expect(
      story([1, 0.5, 2, 3, 0.1], &book) == [
        "1 fired", "2 resolved", "3 fired", "4 worse", "5 resolved",
      ])
  }

  @Test func `an alert begins with its first high cell and remembers the worst one`() throws {
    var book = book(hold: 2)
    _ = book.take(cell(1, 1.1))
    let fired = try #require(book.take(cell(2, 3, details: leak)).first)
    guard case .fired(let alert) = fired else { throw StorageError.busy(path: "\(fired)") }
    #expect(alert.start == begin)
    #expect(alert.fired == begin + .minutes(2))
    #expect(alert.peak == 3)
    #expect(alert.details == leak)
    _ = book.take(cell(3, 2))
    #expect(book.firing.map(\.peak) == [3])
    #expect(book.firing.map(\.lastHigh) == [begin + .minutes(3)])
  }

  @Test func `a cell without a score changes nothing, until nothing was known for too long`() {
    var book = book(silence: .minutes(5))
    #expect(
      story([1, .nan, 1, .nan, 0, 1, 1, .nan, .nan, 1], &book)
        == ["3 fired", "5 resolved", "10 fired"])
    var quiet = AlertBook(
      policy: AlertPolicy(hold: .zero, keepFiring: .zero, longestSilence: .minutes(5)),
      interval: .minutes(1))
    #expect(story([2] + [Float](repeating: .nan, count: 8), &quiet) == ["1 fired", "7 resolved"])
    var rising = self.rising()
    #expect(rising.take(cell(60, 1)).isEmpty)
  }

  /// A book in which a service had risen, an hour ago.
  private func rising() -> AlertBook {
    var book = book()
    _ = book.take(cell(1, 1))
    return book
  }

  @Test(arguments: [Int64(20), 60])
  func `cells further apart than the longest silence are one alert`(
    minutes: Int64
  ) {
    var book = AlertBook(
      policy: AlertPolicy(hold: .zero, keepFiring: .zero), interval: .minutes(minutes))
    let events = (1...6).flatMap { number in
      book.take(
        ScoredCell(
          service: "cart", time: begin + .minutes(minutes * Int64(number)),
          score: number == 3 ? .nan : 2))
    }
    #expect(events.count == 1)
    #expect(book.firing.map(\.lastHigh) == [begin + .minutes(minutes * 6)])
  }

  @Test func `cells that come late or twice change nothing`() {
    var book = book(hold: 0)
    #expect(book.take(cell(5, 2)).count == 1)
    #expect(book.take(cell(5, 0)).isEmpty)
    #expect(book.take(cell(3, 9)).isEmpty)
    #expect(book.firing.map(\.peak) == [2])
  }

  @Test func `what begins in a muted time is told only if it outlasts it`() {
    let change = Incident(
      id: "1", service: "cart", kind: "deployment", start: begin + .minutes(1),
      resolved: begin + .minutes(4))
    var short = book(hold: 0, keep: 0)
    short.muted = [change]
    #expect(story([0, 2, 2, 0, 0], &short) == ["2 muted"])
    var long = book(hold: 0, keep: 0)
    long.muted = [change]
    #expect(story([0, 2, 2, 2, 2, 0], &long) == ["2 muted", "5 fired", "6 resolved"])
    var other = book(hold: 0)
    other.muted = [change]
    #expect(other.take(cell(2, 2, "pay")).count == 1)
    var all = book(hold: 0)
    all.muted = [
      Incident(
        id: "2", service: nil, kind: "", start: begin, resolved: begin + .minutes(9))
    ]
    #expect(all.firing.isEmpty && all.take(cell(2, 2, "pay")).count == 1 && all.firing.isEmpty)
  }

  @Test func `services that are watched no more end their alerts`() {
    var book = book(hold: 0)
    _ = book.take(cell(1, 2, "a"))
    _ = book.take(cell(1, 2, "b"))
    let events = book.keep(only: ["b"], at: begin + .minutes(4))
    guard case .resolved(let alert)? = events.first, events.count == 1 else {
      Issue.record("\(events)")
      return
    }
    #expect(alert.service == "a" && alert.resolved == begin + .minutes(4))
    #expect(book.firing.map(\.service) == ["b"])
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `writing it down and reading it back at any cell changes nothing`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var (steady, restarted) = (book(hold: 2, keep: 2), book(hold: 2, keep: 2))
    var events = 0
    for minute in 1...500 {
      for service in ["a", "b", "c"] where Int.random(in: 0..<20, using: &random) > 0 {
        let score: Float =
          switch Int.random(in: 0..<10, using: &random) {
          case 0: .nan
          case 1...4: Float.random(in: 1...3, using: &random)
          default: Float.random(in: 0..<1, using: &random)
          }
        let next = cell(minute, score, service, details: score >= 2 ? leak : nil)
        let (a, b) = (steady.take(next), restarted.take(next))
        #expect(a == b)
        events += a.count
      }
      if Int.random(in: 0..<3, using: &random) == 0 {
        let text = restarted.json().text()
        var read = book(hold: 2, keep: 2)
        try read.restore(
          JSONDocument(JSONValue(parsing: Array(text.utf8), source: "book"), source: "book"))
        #expect(read.json().text() == text)
        restarted = read
      }
      #expect(steady.firing == restarted.firing)
    }
    #expect(events > 50)
  }

  @Test func `the order of services does not matter`() {
    var (forwards, backwards) = (book(hold: 1), book(hold: 1))
    let services = ["a", "b", "c"]
    for minute in 1...20 {
      for service in services { _ = forwards.take(cell(minute, Float(minute % 7), service)) }
      for service in services.reversed() {
        _ = backwards.take(cell(minute, Float(minute % 7), service))
      }
      #expect(forwards.json() == backwards.json())
    }
  }
}
