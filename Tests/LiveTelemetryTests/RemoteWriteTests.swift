import Companions
import Exporters
import Features
import Foundation
import Storage
import Telemetry
import Testing
import Transport

import LiveTelemetry

private let begin = Timestamp(milliseconds: 1_767_225_600_000)
private let type = "application/x-protobuf"

private func schema(columns: [String] = ["level"], kinds: [String: MetricKind] = [:]) -> LiveSchema
{
  LiveSchema(
    services: [.init(name: "a", columns: columns, readsLogs: false)], interval: .minutes(1),
    serviceLabels: ["service"], kinds: kinds, history: 5)
}

private func receiver(
  _ clock: FakeClock, _ witness: Witness, schema: LiveSchema = schema(),
  step: TimeSpan? = .minutes(1), change: (inout RemoteWriteReceiver.Settings) -> Void = { _ in }
) throws -> RemoteWriteReceiver {
  var settings = RemoteWriteReceiver.Settings(step: step)
  settings.clock = clock.clock
  change(&settings)
  return try RemoteWriteReceiver(schema, settings: settings, observer: witness)
}

private func message(_ samples: [(Int64, Double)], _ labels: [String: String] = [:]) -> [UInt8] {
  let all = ["__name__": "level", "service": "a"].merging(labels) { $1 }
  return SnappyBlock.compress(
    RemoteWriteMessage.bytes(of: [
      .init(labels: all, times: samples.map(\.0), values: samples.map(\.1))
    ]))
}

private func at(_ seconds: Int64) -> Int64 { begin.milliseconds + seconds * 1000 }

@Suite(.timeLimit(.minutes(20))) struct RemoteWriteTests {
  @Test func `samples of a cell become its row once the cell is over`() throws {
    let (clock, witness) = (FakeClock(begin + .seconds(1)), Witness())
    let receiver = try receiver(clock, witness)
    let answer = receiver.receive(
      message([(at(5), 1), (at(20), 2)]), contentType: type, contentEncoding: "snappy")
    #expect(answer == .init(status: 204, message: ""))
    // Ahead of this machine's clock, but by less than half a cell.
    #expect(witness.counts == [.accepted: 2])
    clock.advance(by: .seconds(80))
    #expect(try receiver.takeRows().isEmpty)
    clock.advance(by: .seconds(10))
    let rows = try receiver.takeRows()
    #expect(rows.map(\.row.time) == [begin + .minutes(1)])
    #expect(rows.map(\.row.metrics) == [[2]])
    #expect(try receiver.takeRows().isEmpty)
  }

  @Test func `what is late, early or of no use is counted by what it is`() throws {
    let (clock, witness) = (FakeClock(begin + .seconds(1)), Witness())
    let receiver = try receiver(clock, witness) { $0.limits.series = 2 }
    func send(_ samples: [(Int64, Double)], _ labels: [String: String] = [:]) {
      _ = receiver.receive(
        message(samples, labels), contentType: type, contentEncoding: "snappy")
    }
    send([(at(-120), 1), (at(3), 1), (at(4000), 1)])
    #expect(witness.counts == [.stale: 1, .accepted: 1, .future: 1])
    send([(at(3), 1)], ["service": "b"])
    send([(at(3), 1)], ["__name__": "other"])
    #expect(witness.counts[.unknownSeries] == 2)
    send([(at(3), 1)], ["pod": "1"])
    send([(at(3), 1)], ["pod": "2"])
    #expect(witness.counts[.dropped] == 1)
    _ = receiver.receive([1, 2, 3], contentType: type, contentEncoding: "snappy")
    #expect(witness.counts[.malformed] == 1)
  }

  @Test func `requests that are not remote write 1 get the status that makes senders stop`() throws
  {
    let (clock, witness) = (FakeClock(begin), Witness())
    let receiver = try receiver(clock, witness) { $0.requestBytes = 1_000 }
    let good = message([(at(5), 1)])
    func status(_ body: [UInt8], _ type: String?, _ encoding: String?) -> Int {
      receiver.receive(body, contentType: type, contentEncoding: encoding).status
    }
    #expect(status(good, "application/x-protobuf;proto=prometheus.WriteRequest", "snappy") == 204)
    #expect(
      status(good, "application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy") == 415)
    #expect(status(good, "application/json", "snappy") == 415)
    #expect(status(good, nil, "snappy") == 415)
    #expect(status(good, type, "gzip") == 415)
    #expect(status(good, type, nil) == 415)
    #expect(
      status(SnappyBlock.compress([UInt8](repeating: 7, count: 1_001)), type, "snappy") == 413)
    #expect(status(SnappyBlock.compress([0x0A, 0x7F]), type, "snappy") == 400)
    #expect(status([], type, "snappy") == 400)
  }

  @Test func `cells are those of a range query over the same samples`() throws {
    // What Prometheus's engine does at a step, over samples with jitter, gaps and ends.
    var random = SplitMix(state: 5)
    for _ in 0..<20 {
      let (clock, witness) = (FakeClock(begin + .seconds(1)), Witness())
      let schema = schema(columns: ["done_total", "level"])
      let receiver = try receiver(clock, witness, schema: schema)
      var samples: [(Int64, Double)] = []
      var time: Int64 = -360
      while time < 1800 {
        let value =
          Int.random(in: 0..<30, using: &random) == 0
          ? Double(bitPattern: RemoteWriteMessage.staleMarker)
          : Double.random(in: 0..<99, using: &random)
        samples.append((at(time) + Int64.random(in: 0..<900, using: &random), value))
        time += Int.random(in: 0..<20, using: &random) == 0 ? 400 : 15
      }
      var (rows, sent): ([LiveRow], Int) = ([], 0)
      for second in stride(from: Int64(15), through: 1860, by: 15) {
        clock.advance(by: begin + .seconds(second) - clock.now)
        var due = samples[sent...].prefix { $0.0 <= clock.now.milliseconds }
        sent += due.count
        // Senders with several shards mix the order.
        due.shuffle(using: &random)
        for name in ["level", "done_total"] {
          _ = receiver.receive(
            message(Array(due), ["__name__": name]), contentType: type, contentEncoding: "snappy")
        }
        rows += try receiver.takeRows()
      }
      func instant(_ cell: Int) -> Double? {
        let end = at(Int64(cell) * 60)
        guard let last = samples.last(where: { $0.0 <= end }), last.0 > end - 300_000,
          !last.1.isNaN
        else { return nil }
        return last.1
      }
      #expect(rows.count >= 29)
      for (index, row) in rows.enumerated() {
        let cell = index + 1
        #expect(row.row.time.milliseconds == at(Int64(cell) * 60))
        #expect(
          row.row.metrics[1].isNaN ? instant(cell) == nil : row.row.metrics[1] == instant(cell))
        var rate = Double.nan
        if let now = instant(cell),
          let back = (1...5).first(where: { instant(cell - $0) != nil }),
          let before = instant(cell - back)
        {
          rate = (now < before ? now : now - before) / Double(60 * back)
        }
        #expect(
          row.row.metrics[0].isNaN ? rate.isNaN : row.row.metrics[0] == rate,
          "\(row.row.metrics[0]) \(rate)")
      }
    }
  }

  @Test func `memory does not grow with time or with labels that come and go`() throws {
    let (clock, witness) = (FakeClock(begin + .seconds(1)), Witness())
    // A series is known for as long as a counter or a gauge may need its last sample.
    let receiver = try receiver(clock, witness) { $0.limits.series = 60 }
    for minute in 0..<300 {
      for pod in 0..<4 {
        _ = receiver.receive(
          message([(clock.now.milliseconds, 1)], ["pod": "\(minute)-\(pod)"]), contentType: type,
          contentEncoding: "snappy")
      }
      clock.advance(by: .minutes(1))
      #expect(try receiver.takeRows().count <= 1)
    }
    // Series that ended make room for new ones.
    #expect(witness.counts[.accepted] == 1200)
    #expect(witness.counts[.dropped] == nil)
  }

  @Test func `a time of day that is set is told and loses no cell`() throws {
    for jump in [TimeSpan.hours(3), .hours(-3)] {
      let (clock, witness) = (FakeClock(begin + .seconds(1)), Witness())
      let receiver = try receiver(clock, witness)
      var (rows, true_): ([LiveRow], Timestamp) = ([], begin + .seconds(1))
      for step in 0..<40 {
        if step == 20 { clock.jump(by: jump) }
        _ = receiver.receive(
          message([(true_.milliseconds, Double(step))]), contentType: type,
          contentEncoding: "snappy")
        rows += try receiver.takeRows()
        clock.advance(by: .seconds(30))
        true_ = true_ + .seconds(30)
      }
      let times = rows.map { ($0.row.time - begin).seconds / 60 }
      #expect(times == Array(stride(from: 1, through: Double(times.count), by: 1)))
      #expect(times.count >= 18)
      #expect(rows.allSatisfy { !$0.row.metrics[0].isNaN })
      #expect(witness.failures.map(\.failure) == [.clockJump])
    }
  }

  @Test func `a message survives a round trip, and damage to it never traps`() throws {
    var random = SplitMix(state: 8)
    let series = (0..<20).map { number in
      RemoteWriteMessage.Series(
        labels: ["__name__": "m\(number)", "long": String(repeating: "ä", count: number)],
        times: [Int64(number) - 5, .max], values: [.nan, Double(number) / 3])
    }
    let bytes = RemoteWriteMessage.bytes(of: series)
    var read: [RemoteWriteMessage.Series] = []
    try RemoteWriteMessage.read(bytes, limits: LiveLimits()) { read.append($0) }
    #expect(read.map(\.labels) == series.map(\.labels))
    #expect(read.map(\.times) == series.map(\.times))
    #expect(
      read.map { $0.values.map(\.bitPattern) } == series.map { $0.values.map(\.bitPattern) })
    let (clock, witness) = (FakeClock(begin), Witness())
    let receiver = try receiver(clock, witness)
    let body = SnappyBlock.compress(bytes)
    var refused = 0
    for _ in 0..<5_000 {
      var damaged = Bool.random(using: &random) ? body : bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged.removeSubrange(place...)
        default: damaged.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
        if damaged.isEmpty { break }
      }
      let status = receiver.receive(
        damaged, contentType: type, contentEncoding: "snappy"
      ).status
      #expect([204, 400, 413].contains(status))
      if status != 204 { refused += 1 }
      try? RemoteWriteMessage.read(damaged, limits: LiveLimits()) { _ in }
    }
    #expect(refused > 1_000)
  }

  @Test func `scores arrive as samples, and a refusal says why without the token`() async throws {
    let folder = try TestFolder()
    let token = try folder.write("token", "secret-token\n")
    let server = try await StandInServer { request in
      request.path == "/ok"
        ? StandInAnswer(status: 204) : .text("no secret-token here", status: 400)
    }
    var good = try connection(to: server.url + "/ok")
    good.credentials.bearerTokenFile = token
    let samples = (0..<3).map {
      SentSample(
        labels: ["__name__": "autopilotops_score", "service": "s\($0 % 2)"],
        time: begin + .minutes(Int64($0)), value: Double($0))
    }
    try await RemoteWriteSender(good).send(samples)
    let request = try #require(server.seen.first)
    #expect(request.headers["content-encoding"] == "snappy")
    #expect(request.headers["authorization"] == "Bearer secret-token")
    var read: [RemoteWriteMessage.Series] = []
    try RemoteWriteMessage.read(
      SnappyBlock.decompress(request.body, limit: 1 << 20), limits: LiveLimits()
    ) { read.append($0) }
    #expect(read.map { $0.labels["service"] } == ["s0", "s1"])
    #expect(read.map(\.values) == [[0, 2], [1]])
    var bad = good
    bad.address = try ServerAddress(server.url + "/bad")
    let error = await #expect(throws: ExportError.self) {
      try await RemoteWriteSender(bad).send(samples)
    }
    #expect(error?.description.contains("HTTP 400: no … here") == true, "\(error.debugDescription)")
  }
}
