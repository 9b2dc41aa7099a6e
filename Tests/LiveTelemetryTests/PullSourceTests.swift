import Companions
import Exporters
import Features
import Foundation
import LiveTelemetry
import Storage
import Synchronization
import Telemetry
import Testing
import Transport

private let begin = Timestamp(milliseconds: 1_767_225_600_000)  // 2026-01-01T00:00:00Z

/// A gauge `up` of the service `a` whose value is the number of its minute, at every minute.
private func minutes(_ count: Int64 = 600, metric: String = "level") -> KeptSeries {
  KeptSeries(
    labels: ["__name__": metric, "service": "a"],
    samples: Dictionary(
      uniqueKeysWithValues: (-count...count).map {
        (begin.milliseconds + $0 * 60_000, Double($0))
      }))
}

private func schema(history: Int = 5, columns: [String] = ["level"]) -> LiveSchema {
  LiveSchema(
    services: [.init(name: "a", columns: columns, readsLogs: false)], interval: .minutes(1),
    serviceLabels: ["service"], history: history)
}

private func keeper(_ clock: FakeClock, _ series: [KeptSeries]) -> PrometheusKeeper {
  PrometheusKeeper(series: series, now: { clock.now })
}

private struct Enough: Error {}

/// Runs a source until it has given rows of that many cells; their times and first values.
private func take(
  _ count: Int, of source: PullSource, after last: Timestamp? = nil,
  each: (LiveRow) -> Void = { _ in }
) async throws -> [(minute: Double, value: Double)] {
  var taken: [(Double, Double)] = []
  do {
    try await source.run(after: last) { rows in
      for row in rows {
        each(row)
        taken.append(((row.row.time - begin).seconds / 60, row.row.metrics[0]))
      }
      if taken.count >= count { throw Enough() }
    }
  } catch is Enough {}
  return taken
}

private func source(
  _ url: String, _ clock: FakeClock, _ witness: Witness, schema: LiveSchema = schema(),
  timeout: Duration = .seconds(5), answerLimit: Int = 64 << 20, catchUp: Int? = nil
) throws -> PullSource {
  var server = try connection(to: url)
  server.timeout = timeout
  server.answerLimit = answerLimit
  var settings = PullSource.Settings()
  settings.delay = .seconds(30)
  settings.clock = clock.clock
  settings.catchUp = catchUp
  return try PullSource(
    schema,
    prometheus: PrometheusInput(
      connection: server, queries: ["{service=\"a\"}"], step: schema.interval),
    loki: nil, settings: settings, observer: witness)
}

@Suite(.timeLimit(.minutes(20))) struct PullSourceTests {
  @Test func `it begins with the model's history and goes on cell by cell, each after its delay`()
    async throws
  {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let server = try await StandInServer { keeper(clock, [minutes()]).answer($0) }
    var waited: [TimeSpan] = []
    let rows = try await take(8, of: try source(server.url, clock, witness)) { row in
      waited.append(clock.now - row.row.time)
    }
    #expect(rows.map(\.minute) == [-4, -3, -2, -1, 0, 1, 2, 3])
    #expect(rows.allSatisfy { $0.minute == $0.value })
    #expect(waited.suffix(3).allSatisfy { $0 >= .seconds(30) && $0 < .seconds(36) })
    #expect(witness.failures.isEmpty)
    #expect(witness.counts == [.accepted: 8])
  }

  @Test func `after an outage it catches up in order, and after a long one as far as it may`()
    async throws
  {
    for (minutesAway, expected) in [(3, [1.0, 2, 3, 4, 5]), (90, [87, 88, 89, 90, 91])] {
      let (clock, witness) = (FakeClock(begin + .seconds(95)), Witness())
      let isDown = Mutex(true)
      let server = try await StandInServer { request in
        isDown.withLock { $0 }
          ? .text("down", status: 503) : keeper(clock, [minutes()]).answer(request)
      }
      let back = begin + .seconds(95) + .minutes(Int64(minutesAway))
      let ticking = LiveClock(
        wall: clock.clock.wall, steady: clock.clock.steady,
        sleep: {
          try await clock.clock.sleep($0)
          if clock.now >= back { isDown.withLock { $0 = false } }
        })
      var settings = PullSource.Settings()
      settings.delay = .seconds(30)
      settings.clock = ticking
      let source = try PullSource(
        schema(),
        prometheus: PrometheusInput(
          connection: connection(to: server.url), queries: ["{service=\"a\"}"], step: .minutes(1)),
        loki: nil, settings: settings, observer: witness)
      let rows = try await take(5, of: source, after: begin)
      #expect(rows.map(\.minute) == expected)
      #expect(!witness.failures.isEmpty)
      #expect(witness.failures.allSatisfy { $0.failure == .unavailable })
    }
  }

  @Test(arguments: [
    (401, "no", InputFailure.credentials), (403, "no", .credentials), (500, "oh", .unavailable),
    (400, "bad", .unexpectedAnswer), (200, "<html>", .unexpectedAnswer),
    (200, #"{"status":"error","errorType":"x","error":"y"}"#, .unexpectedAnswer),
    (
      200, #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}"#,
      .unavailable
    ),
    (
      200,
      #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"service":"a","__name__":"level"},"values":[[1,"x"]]}]}}"#,
      .unexpectedAnswer
    ),
  ])
  func `what is wrong with a server is told, and it goes on when it is put right`(
    status: Int, text: String, failure: InputFailure
  ) async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let asked = Mutex(0)
    let server = try await StandInServer { request in
      guard request.path == "/api/v1/query_range" else {
        return keeper(clock, []).answer(request)
      }
      let isWrong = asked.withLock { asked in
        asked += 1
        return asked <= 4
      }
      return isWrong ? .text(text, status: status) : keeper(clock, [minutes()]).answer(request)
    }
    let rows = try await take(5, of: try source(server.url, clock, witness))
    #expect(rows.map(\.minute) == [-4, -3, -2, -1, 0])
    #expect(!witness.failures.isEmpty)
    #expect(witness.failures.allSatisfy { $0.failure == failure }, "\(witness.failures)")
  }

  @Test func `a server that is too slow is unavailable`() async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let asked = Mutex(0)
    let server = try await StandInServer { request in
      var answer = keeper(clock, [minutes()]).answer(request)
      guard request.path == "/api/v1/query_range" else { return answer }
      let count = asked.withLock { asked in
        asked += 1
        return asked
      }
      if count <= 2 { answer.delay = .seconds(3) }
      return answer
    }
    let rows = try await take(
      5, of: try source(server.url, clock, witness, timeout: .milliseconds(300)))
    #expect(rows.map(\.minute) == [-4, -3, -2, -1, 0])
    #expect(!witness.failures.isEmpty)
    #expect(witness.failures.allSatisfy { $0.failure == .unavailable }, "\(witness.failures)")
  }

  @Test func `samples of another time than was asked for do not count, and are told`() async throws
  {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let server = try await StandInServer { request in
      guard request.path == "/api/v1/query_range" else {
        return keeper(clock, []).answer(request)
      }
      let (end, start) = (
        Double(request.parameters["end"] ?? "") ?? 0, Double(request.parameters["start"] ?? "") ?? 0
      )
      return .text(
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"level","service":"a"},"values":[[\#(start - 600),"1"],[\#(end),"7"],[\#(end + 60),"9"],[\#(end + 9e9),"9"]]}]}}"#
      )
    }
    let rows = try await take(5, of: try source(server.url, clock, witness))
    #expect(rows.map(\.value).suffix(1) == [7])
    #expect(rows.dropLast().allSatisfy { $0.value.isNaN })
    #expect(witness.counts == [.accepted: 1, .future: 2, .stale: 1])
  }

  @Test func `series of other services and columns are counted and cost no row`() async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    var (stranger, renamed) = (minutes(), minutes(metric: "niveau"))
    stranger.labels["service"] = "b"
    renamed.labels["le"] = "9"
    let server = try await StandInServer { [stranger, renamed] request in
      keeper(clock, [stranger, minutes(), renamed]).answer(request)
    }
    let rows = try await take(5, of: try source(server.url, clock, witness))
    #expect(rows.count == 5)
    #expect(witness.counts == [.accepted: 5, .unknownSeries: 10])
  }

  @Test func `a label explosion costs its own metric and no other`() async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let flood = (0..<400).map { number in
      var series = minutes(20, metric: "exploded")
      series.labels["request_id"] = "id-\(number)-abcdefghijklmnopqrstuvwxyz"
      return series
    }
    let server = try await StandInServer { request in
      keeper(clock, [minutes()] + flood).answer(request)
    }
    let rows = try await take(
      5,
      of: try source(
        server.url, clock, witness, schema: schema(columns: ["level", "exploded"]),
        answerLimit: 20_000))
    #expect(rows.map(\.value) == [-4, -3, -2, -1, 0])
    #expect(witness.failures.contains { $0.message.contains("exploded") })
    #expect(witness.counts[.dropped] ?? 0 > 0)
  }

  @Test func `a limit on series drops what is beyond`() async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let copies = (0..<10).map { number in
      var series = minutes(20)
      series.labels["pod"] = "a-\(number)"
      return series
    }
    let server = try await StandInServer { keeper(clock, copies).answer($0) }
    var settings = PullSource.Settings()
    settings.clock = clock.clock
    settings.limits.series = 4
    let source = try PullSource(
      schema(),
      prometheus: PrometheusInput(
        connection: connection(to: server.url), queries: ["{service=\"a\"}"], step: .minutes(1)),
      loki: nil, settings: settings, observer: witness)
    let rows = try await source.rows(endingIn: TimeRange(start: begin, end: begin + .minutes(3)))
    #expect(rows.map(\.row.metrics[0]) == [1, 2, 3])
    #expect(witness.counts[.dropped] ?? 0 > 0)
    #expect(witness.failures.contains { $0.message.contains("limit of 4") })
  }

  @Test func `a limit on series counts those of one time, however many parts an answer has`()
    async throws
  {
    let (clock, witness) = (FakeClock(begin), Witness())
    let copies = (0..<4).map { number in
      var series = minutes(200)
      series.labels["pod"] = "a-\(number)"
      return series
    }
    let server = try await StandInServer { keeper(clock, copies).answer($0) }
    var settings = PullSource.Settings()
    settings.clock = clock.clock
    settings.limits.series = 4
    var address = try connection(to: server.url)
    // Room for some twenty instants.
    address.answerLimit = 2_500
    let source = try PullSource(
      schema(),
      prometheus: PrometheusInput(
        connection: address, queries: ["{service=\"a\"}"], step: .minutes(1)),
      loki: nil, settings: settings, observer: witness)
    let rows = try await source.rows(endingIn: TimeRange(start: begin, end: begin + .minutes(100)))
    #expect(rows.map(\.row.metrics[0]) == (1...100).map { Double($0) })
    #expect(witness.failures.isEmpty, "\(witness.failures)")
    #expect(witness.counts == [.accepted: 400])
    #expect(server.seen.count > 5)
  }

  @Test func `more lines than there is room for are asked for in parts, and none are silent`()
    async throws
  {
    let (clock, witness) = (FakeClock(begin), Witness())
    // Ten lines of ten bytes a minute; in minute 40 a hundred.
    let lines = (-1..<60).flatMap { minute in
      (0..<(minute == 40 ? 100 : 10)).map { number in
        LokiKeeper.Line(
          labels: ["service": "a"],
          time: (begin.milliseconds + Int64(minute * 60_000 + number * 500 + 250)) * 1_000_000,
          text: "some words")
      }
    }
    let server = try await StandInServer { request in
      request.path.hasPrefix("/loki")
        ? LokiKeeper(lines: lines).answer(request) : keeper(clock, [minutes()]).answer(request)
    }
    var settings = PullSource.Settings()
    settings.clock = clock.clock
    settings.limits.logBytes = 900
    let schema = LiveSchema(
      services: [.init(name: "a", columns: ["level"], readsLogs: true)], interval: .minutes(1),
      serviceLabels: ["service"], history: 1)
    let source = try PullSource(
      schema,
      prometheus: PrometheusInput(
        connection: connection(to: server.url), queries: ["{service=\"a\"}"], step: .minutes(1)),
      loki: LokiInput(connection: connection(to: server.url), queries: ["{service=\"a\"}"]),
      settings: settings, observer: witness)
    let rows = try await source.rows(endingIn: TimeRange(start: begin, end: begin + .minutes(60)))
    #expect(rows.map(\.row.metrics[0]) == (1...60).map { Double($0) })
    let counts = rows.map { $0.row.logs.map { $0.reduce(0) { $0 + $1.lines } } }
    // The cell of the hundred and the one whose lines might follow them are unknown.
    #expect(counts == (1...60).map { $0 == 41 || $0 == 42 ? nil : 10 })
    #expect(witness.failures.count == 2)
    #expect(witness.failures.allSatisfy { $0.input == .loki && $0.message.contains("900 bytes") })
    #expect(witness.counts[.accepted] == 60 + 580)
    #expect(witness.counts[.dropped] ?? 0 > 0)
  }

  @Test func `rows wait for their log lines for a while, and then go without`() async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(31)), Witness())
    let server = try await StandInServer { request in
      request.path.hasPrefix("/loki")
        ? .text("no", status: 503) : keeper(clock, [minutes()]).answer(request)
    }
    var settings = PullSource.Settings()
    settings.clock = clock.clock
    settings.patience = .seconds(40)
    let schema = LiveSchema(
      services: [.init(name: "a", columns: ["level"], readsLogs: true)], interval: .minutes(1),
      serviceLabels: ["service"], history: 1)
    let source = try PullSource(
      schema,
      prometheus: PrometheusInput(
        connection: connection(to: server.url), queries: ["{service=\"a\"}"], step: .minutes(1)),
      loki: LokiInput(connection: connection(to: server.url), queries: ["{service=\"a\"}"]),
      settings: settings, observer: witness)
    var arrived: Timestamp?
    let rows = try await take(1, of: source) { row in
      arrived = arrived ?? clock.now
      #expect(row.row.logs == nil)
    }
    #expect(rows.first?.value == 0)
    let waited = try #require(arrived) - begin
    #expect(waited >= .seconds(70) && waited < .seconds(130), "\(waited)")
    #expect(witness.failures.allSatisfy { $0.input == .loki && $0.failure == .unavailable })
  }

  @Test(arguments: [TimeSpan.hours(5), .hours(-5)])
  func `a time of day that is set is told and changes nothing`(jump: TimeSpan) async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    // The server's clock stays right.
    let offset = Mutex(TimeSpan.zero)
    let server = try await StandInServer { request in
      PrometheusKeeper(
        series: [minutes()], now: { clock.now + offset.withLock { $0 } }
      ).answer(request)
    }
    var count = 0
    let rows = try await take(9, of: try source(server.url, clock, witness)) { _ in
      count += 1
      guard count == 6 else { return }
      clock.jump(by: jump)
      offset.withLock { $0 = TimeSpan(milliseconds: -jump.milliseconds) }
    }
    #expect(rows.map(\.minute) == [-4, -3, -2, -1, 0, 1, 2, 3, 4])
    #expect(witness.failures.map(\.failure).contains(.clockJump))
  }

  @Test func `a token file that is rotated works without a restart`() async throws {
    let (clock, witness) = (FakeClock(begin + .seconds(45)), Witness())
    let folder = try TestFolder()
    let token = try folder.write("token", "first\n")
    let server = try await StandInServer { request in
      let wanted = clock.now < begin + .seconds(60) ? "first" : "second"
      guard request.headers["authorization"] == "Bearer \(wanted)" else {
        return .text("unauthorized", status: 401)
      }
      return keeper(clock, [minutes()]).answer(request)
    }
    var address = try connection(to: server.url)
    address.credentials.bearerTokenFile = token
    var settings = PullSource.Settings()
    settings.clock = clock.clock
    let source = try PullSource(
      schema(),
      prometheus: PrometheusInput(
        connection: address, queries: ["{service=\"a\"}"], step: .minutes(1)),
      loki: nil, settings: settings, observer: witness)
    var count = 0
    let rows = try await take(6, of: source) { _ in
      count += 1
      if count == 5 { _ = try? folder.write("token", "second\n") }
    }
    #expect(rows.map(\.minute) == [-4, -3, -2, -1, 0, 1])
    #expect(witness.failures.allSatisfy { !$0.message.contains("first") })
  }

  @Test func `inputs that cannot work are refused with what to change`() throws {
    let clock = FakeClock(begin)
    #expect(throws: LiveError.self) {
      try PullSource(schema(), prometheus: nil, loki: nil)
    }
    let error = #expect(throws: LiveError.self) {
      var settings = PullSource.Settings()
      settings.clock = clock.clock
      _ = try PullSource(
        schema(),
        prometheus: PrometheusInput(
          connection: connection(to: "http://127.0.0.1:1"), queries: ["up"], step: .seconds(7)),
        loki: nil, settings: settings)
    }
    #expect(error?.description.contains("does not divide") == true)
  }
}
