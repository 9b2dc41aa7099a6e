import Companions
import Exporters
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing

import Alerting

private func settings(
  _ urls: [String], hold: Int64 = 0, keep: Int64 = 0, state: String? = nil,
  change: (inout AlertDesk.Settings) -> Void = { _ in }
) throws -> AlertDesk.Settings {
  var settings = AlertDesk.Settings(
    policy: AlertPolicy(hold: .minutes(hold), keepFiring: .minutes(keep)),
    text: AlertText(
      model: "shop", labels: ["severity": "page", "team": "shop"],
      runbook: "https://runbooks.example.org/{service}",
      dashboard: "https://grafana.example.org/d/x?var-service={service}"),
    targets: try urls.map(connection))
  settings.statePath = state
  change(&settings)
  return settings
}

private func desk(
  _ settings: AlertDesk.Settings, _ hands: Hands, _ witness: Witness
) throws -> AlertDesk {
  try AlertDesk(settings, interval: .minutes(1), now: hands.now, observer: witness)
}

@Suite(.timeLimit(.minutes(20))) struct AlertDeskTests {
  @Test func `an alert has labels that stay, and all that changes in annotations`() async throws {
    let server = try await StandInServer { _ in StandInAnswer() }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url]), hands, witness)
    await desk.take([cell(1, 1.7, "cart & co", details: leak)], now: hands.now)
    #expect(await desk.send { hands.now })
    let request = try #require(server.seen.first)
    #expect(request.path == "/api/v2/alerts" && request.method == "POST")
    #expect(request.headers["content-type"] == "application/json")
    let alert = try #require(try alerts(in: request).first)
    #expect(
      try alert["labels"].value == [
        "alertname": "AutoPilotIncident", "model": "shop", "service": "cart & co",
        "severity": "page", "team": "shop",
      ])
    let annotations = try alert["annotations"]
    #expect(try annotations["summary"].string == "cart & co behaves unusually")
    #expect(
      try annotations["description"].string
        == "score 1.70 since 2026-01-01T00:00:00Z; alerts begin at 1. memory = 0.93, expected "
        + "0.41 to 0.55")
    #expect(try annotations["explanation"].string == leak.explanation)
    #expect(
      try annotations["top_features"].string
        == "memory = 0.93, expected 0.41 to 0.55; gc_seconds = 3, expected at most 1")
    #expect(try annotations["log_templates"].string == "OutOfMemory in <*>")
    #expect(try annotations["model_version"].string == "7")
    #expect(try annotations["model_digest"].string == leak.digest)
    #expect(
      try annotations["runbook_url"].string == "https://runbooks.example.org/cart%20%26%20co")
    #expect(
      try annotations["dashboard_url"].string
        == "https://grafana.example.org/d/x?var-service=cart%20%26%20co")
    #expect(try alert["startsAt"].string == "2026-01-01T00:00:00Z")
    // Good for four repetitions.
    #expect(try alert["endsAt"].string == "2026-01-01T00:05:00Z")
  }

  @Test func `it is repeated while it fires, and told to be over once`() async throws {
    let server = try await StandInServer { _ in StandInAnswer() }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url], keep: 1), hands, witness)
    var ends: [[String]] = []
    for minute in 1...9 {
      await desk.take([cell(minute, minute <= 4 ? 2 : 0.1)], now: hands.now)
      #expect(await desk.send { hands.now })
      // Twice in the same minute says nothing new.
      #expect(await desk.send { hands.now })
      ends.append(
        try server.seen.dropFirst(ends.flatMap { $0 }.count).flatMap { try alerts(in: $0) }
          .map { try $0["endsAt"].string })
      hands.advance(by: .minutes(1))
    }
    #expect(ends.map(\.count) == [1, 1, 1, 1, 1, 0, 0, 0, 0])
    #expect(ends[3] == ["2026-01-01T00:08:00Z"])
    #expect(ends[4] == ["2026-01-01T00:05:00Z"])
    #expect(witness.counts == [.fired: 1, .resolved: 1])
    #expect(witness.firing == 0 && witness.queued == 0)
    #expect(await desk.end(ofAlertOn: "cart", startedAt: begin) == begin + .minutes(4))
  }

  @Test func `alerts wait while Alertmanager is down, also through a kill, and arrive`()
    async throws
  {
    let folder = try TestFolder()
    let state = "\(folder.path)/alerts.json"
    let isDown = Mutex(true)
    let server = try await StandInServer { _ in
      isDown.withLock { $0 } ? .text("down", status: 503) : StandInAnswer()
    }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let options = try settings([server.url], hold: 2, state: state)
    do {
      let desk = try desk(options, hands, witness)
      for minute in 1...3 {
        await desk.take(
          [
            cell(minute, 2, "a", details: leak), cell(minute, minute == 3 ? 0 : 3, "b"),
            cell(minute, minute < 3 ? 0 : 2, "c"),
          ], now: hands.now)
        #expect(await desk.send { hands.now } == (minute < 2))
        hands.advance(by: .minutes(1))
      }
      #expect(witness.queued == 2)
      #expect(witness.messages.allSatisfy { $0.contains("HTTP 503") })
    }
    // The process is gone; another one reads the file.
    isDown.withLock { $0 = false }
    let second = Witness()
    let desk = try desk(options, hands, second)
    #expect(second.queued == 2)
    // c was rising: its hold time goes on.
    await desk.take([cell(4, 2, "a"), cell(4, 2, "c")], now: hands.now)
    #expect(second.counts == [.fired: 1])
    let before = server.seen.count
    #expect(await desk.send { hands.now })
    let first = try server.seen.dropFirst(before).flatMap { try alerts(in: $0) }
    // What was over before anybody heard of it is told first.
    #expect(try first.map { try $0["labels"]["service"].string } == ["a", "b", "c"])
    #expect(try first.allSatisfy { try $0["endsAt"].string > hands.now.description })
    #expect(second.queued == 0 || second.queued == 1)
    hands.advance(by: .minutes(1))
    #expect(await desk.send { hands.now })
    let last = try server.seen.suffix(1).flatMap { try alerts(in: $0) }
    let over = try #require(try last.first { try $0["labels"]["service"].string == "b" })
    #expect(try over["endsAt"].string == "2026-01-01T00:03:00Z")
    #expect(second.queued == 0)
  }

  @Test func `every Alertmanager gets every alert, whatever the others do`() async throws {
    let good = try await StandInServer { _ in StandInAnswer() }
    let isDown = Mutex(true)
    let bad = try await StandInServer { _ in
      isDown.withLock { $0 } ? .text("no", status: 500) : StandInAnswer()
    }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([bad.url, good.url]), hands, witness)
    await desk.take([cell(1, 2)], now: hands.now)
    #expect(await desk.send { hands.now } == false)
    #expect(good.seen.count == 1)
    // One knows of it, so that nobody waits.
    #expect(witness.queued == 0)
    isDown.withLock { $0 = false }
    #expect(await desk.send { hands.now })
    #expect(good.seen.count == 1)
    #expect(bad.seen.count == 2)
  }

  @Test func `an alert that is refused is counted and does not stop the others`() async throws {
    let server = try await StandInServer { request in
      String(decoding: request.body, as: UTF8.self).contains("evil")
        ? .text("bad label", status: 400) : StandInAnswer()
    }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url]), hands, witness)
    await desk.take([cell(1, 2, "a"), cell(1, 2, "evil"), cell(1, 2, "z")], now: hands.now)
    #expect(await desk.send { hands.now })
    #expect(witness.counts[.failed] == 1)
    let taken = try server.seen.filter { try alerts(in: $0).count == 1 }.flatMap {
      try alerts(in: $0)
    }
    #expect(try taken.map { try $0["labels"]["service"].string } == ["a", "evil", "z"])
    #expect(witness.queued == 0)
  }

  @Test func `an alert that one Alertmanager refuses still reaches the others, to its end`()
    async throws
  {
    let strict = try await StandInServer { _ in .text("bad label", status: 422) }
    let isDown = Mutex(true)
    let good = try await StandInServer { _ in
      isDown.withLock { $0 } ? .text("down", status: 503) : StandInAnswer()
    }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([strict.url, good.url]), hands, witness)
    await desk.take([cell(1, 2)], now: hands.now)
    #expect(await desk.send { hands.now } == false)
    // Nobody knows of it so far.
    #expect(witness.counts[.failed] == 1 && witness.queued == 1)
    isDown.withLock { $0 = false }
    #expect(await desk.send { hands.now })
    #expect(try good.seen.last.map { try alerts(in: $0).count } == 1)
    #expect(witness.queued == 0)
    // The end, too, is told where it was taken, and the other is left in peace.
    await desk.take([cell(2, 3)], now: hands.now)
    await desk.take([cell(3, 0)], now: hands.now)
    #expect(witness.queued == 1)
    hands.advance(by: .minutes(2))
    #expect(await desk.send { hands.now })
    let last = try #require(try good.seen.last.flatMap { try alerts(in: $0).first })
    #expect(try last["endsAt"].string == "2026-01-01T00:03:00Z")
    #expect(strict.seen.count == 1)
    #expect(witness.counts[.failed] == 1 && witness.queued == 0)
  }

  @Test func `an alert that is too large on its way is kept, and the others go on`() async throws {
    let isTight = Mutex(true)
    let server = try await StandInServer { request in
      let isLarge = String(decoding: request.body, as: UTF8.self).contains("large")
      return isLarge && isTight.withLock { $0 } ? .text("", status: 413) : StandInAnswer()
    }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url]), hands, witness)
    await desk.take([cell(1, 2, "a"), cell(1, 2, "large"), cell(1, 2, "z")], now: hands.now)
    #expect(await desk.send { hands.now } == false)
    #expect(server.seen.count == 4)
    #expect(witness.queued == 1 && witness.counts[.failed] == nil)
    isTight.withLock { $0 = false }
    #expect(await desk.send { hands.now })
    #expect(witness.queued == 0)
  }

  @Test func `a clock that is set back makes no alert end before it began`() async throws {
    let server = try await StandInServer { request in
      // As Alertmanager does it.
      let isBackwards = try? alerts(in: request).contains {
        try $0["endsAt"].string < $0["startsAt"].string
      }
      return isBackwards != false
        ? .text("start time must be before end time", status: 400) : StandInAnswer()
    }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url]), hands, witness)
    await desk.take([cell(1, 2)], now: hands.now)
    hands.advance(by: .hours(-1))
    #expect(await desk.send { hands.now })
    #expect(witness.counts == [.fired: 1])
    await desk.take([cell(2, 0)], now: hands.now)
    hands.advance(by: .minutes(1))
    #expect(await desk.send { hands.now })
    let ends = try server.seen.flatMap { try alerts(in: $0) }.map { try $0["endsAt"].string }
    #expect(ends == ["2026-01-01T00:04:00Z", "2026-01-01T00:02:00Z"])
    #expect(witness.counts == [.fired: 1, .resolved: 1])
  }

  @Test func `a full queue drops what is over first, oldest first, and says so`() async throws {
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let port = try await closedPort()
    let desk = try desk(
      settings(["http://127.0.0.1:\(port)"]) { $0.limit = 3 }, hands, witness)
    await desk.take([cell(1, 2, "a"), cell(1, 2, "b"), cell(1, 2, "c")], now: hands.now)
    await desk.take([cell(2, 0, "b")], now: hands.now)
    await desk.take([cell(2, 2, "d"), cell(2, 2, "e")], now: hands.now)
    #expect(witness.counts[.failed] == 2)
    #expect(await desk.queued == 3)
    #expect(await desk.send { hands.now } == false)
    #expect(witness.messages.contains { $0.contains("/api/v2/alerts: ") }, "\(witness.messages)")
  }

  @Test func `what was over long before it was found is told to nobody`() async throws {
    let server = try await StandInServer { _ in StandInAnswer() }
    let (hands, witness) = (Hands(begin + .hours(10)), Witness())
    let desk = try desk(settings([server.url]), hands, witness)
    // History, as it is read at start.
    let history = (1...500).map { cell($0, (10...20).contains($0) || $0 > 490 ? 2 : 0) }
    await desk.take(history, now: hands.now)
    #expect(await desk.send { hands.now })
    let told = try server.seen.flatMap { try alerts(in: $0) }
    #expect(try told.map { try $0["startsAt"].string } == ["2026-01-01T08:10:00Z"])
  }

  @Test func `cells that come again after a restart tell only what was not told before`()
    async throws
  {
    let folder = try TestFolder()
    let (hands, witness) = (Hands(begin + .minutes(20)), Witness())
    let kept = try settings([], hold: 2, state: "\(folder.path)/alerts.json")
    let first = try desk(kept, hands, witness)
    // One alert, over and done with; then nothing that would have to be kept.
    await first.take(
      (1...10).map { cell($0, (3...6).contains($0) ? 2 : 0) } + [cell(4, 0, "pay")],
      now: hands.now)
    #expect(witness.counts == [.fired: 1, .resolved: 1])
    let second = try desk(kept, hands, witness)
    // A journal of all that, and of what the first one had no time for.
    await second.take(
      (1...14).map { cell($0, (3...6).contains($0) || $0 > 11 ? 2 : 0) }
        + (1...6).map { cell($0, $0 > 3 ? 2 : 0, "pay") }, now: hands.now)
    #expect(witness.counts == [.fired: 3, .resolved: 1])
    #expect(await second.firing.map(\.service) == ["cart", "pay"])
  }

  @Test func `state that could not be written is written when it can be, with no news`()
    async throws
  {
    let folder = try TestFolder()
    let state = "\(folder.path)/later/alerts.json"
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([], state: state), hands, witness)
    await desk.take([cell(1, 2)], now: hands.now)
    #expect(witness.stateFailures.count == 1)
    let running = Task { try await desk.run() }
    for _ in 0..<1000 where witness.stateFailures.count < 2 {
      try await Task.sleep(for: .milliseconds(30))
    }
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/later", withIntermediateDirectories: true)
    for _ in 0..<1000 where !FileManager.default.fileExists(atPath: state) {
      try await Task.sleep(for: .milliseconds(30))
    }
    #expect(try String(contentsOfFile: state, encoding: .utf8).contains("cart"))
    running.cancel()
    _ = await running.result
  }

  @Test func `state that cannot be written is told, and alerts go on`() async throws {
    let server = try await StandInServer { _ in StandInAnswer() }
    let folder = try TestFolder()
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(
      settings([server.url], state: "\(folder.path)/gone/alerts.json"), hands, witness)
    await desk.take([cell(1, 2)], now: hands.now)
    #expect(await desk.send { hands.now })
    #expect(server.seen.count == 1)
    #expect(witness.stateFailures.contains { $0.contains("does not exist") })
  }

  @Test func `a damaged file is refused with its place`() throws {
    let folder = try TestFolder()
    let path = try folder.write("alerts.json", "{\"format\":\"autopilotops.alerts/1\",\"book\":{}}")
    #expect(throws: StorageError.self) {
      try desk(settings([], state: path), Hands(begin), Witness())
    }
  }

  @Test func `an alert ends when no cells come for long, by a clock that nobody sets`() async throws
  {
    let server = try await StandInServer { _ in StandInAnswer() }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url], hold: 1), hands, witness)
    await desk.take([cell(1, 2)], now: hands.now)
    // Somebody sets the time of day a day ahead.
    hands.advance(by: .hours(24))
    let steady = Mutex(Int64(0))
    let clock = AlertClock(
      now: { hands.now }, steady: { steady.withLock { $0 } },
      sleep: { span in
        if witness.counts[.resolved] != nil { throw CancellationError() }
        steady.withLock { $0 += span.milliseconds }
        hands.advance(by: span)
      })
    await #expect(throws: CancellationError.self) { try await desk.run(clock: clock) }
    #expect((60..<61).contains(steady.withLock { $0 } / 60_000))
    #expect(witness.counts == [.fired: 1, .resolved: 1])
    #expect(await desk.firing.isEmpty)
    let last = try #require(try server.seen.last.flatMap { try alerts(in: $0).first })
    #expect(try last["endsAt"].string == "2026-01-01T00:16:00Z")
    // What comes later is another alert.
    await desk.take([cell(2, 2)], now: hands.now)
    #expect(witness.counts[.fired] == 2)
  }

  @Test func `it sends by itself, soon after an alert fires`() async throws {
    let server = try await StandInServer { _ in StandInAnswer() }
    let (hands, witness) = (Hands(begin + .minutes(1)), Witness())
    let desk = try desk(settings([server.url]), hands, witness)
    let running = Task { try await desk.run() }
    try await Task.sleep(for: .milliseconds(100))
    await desk.take([cell(1, 2)], now: hands.now)
    for _ in 0..<100 where server.seen.isEmpty { try await Task.sleep(for: .milliseconds(30)) }
    #expect(server.seen.count == 1)
    running.cancel()
    _ = await running.result
  }
}
