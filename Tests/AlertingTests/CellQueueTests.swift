import Companions
import Storage
import Telemetry
import Testing

import Alerting

private func desk(_ witness: Witness, state: String? = nil) throws -> AlertDesk {
  var settings = AlertDesk.Settings(
    policy: AlertPolicy(hold: .zero, keepFiring: .zero), text: AlertText(model: "shop"),
    targets: [])
  settings.statePath = state
  return try AlertDesk(settings, interval: .minutes(1), now: begin, observer: witness)
}

@Suite(.timeLimit(.minutes(20))) struct CellQueueTests {
  @Test func `cells come out in their order, and the oldest go when too many wait`() {
    let queue = CellQueue<Int>(limit: 20)
    for number in 0..<20 { queue.put(number) }
    #expect(queue.takeAll() == (Array(0..<20), 0))
    #expect(queue.takeAll() == ([], 0))
    for number in 0..<23 { queue.put(number) }
    #expect(queue.takeAll() == (Array(4..<23), 4))
    #expect(queue.takeAll() == ([], 0))
  }

  @Test func `details are asked for where people would be told, and only there`() async throws {
    let desk = try desk(Witness())
    var asked: [Int] = []
    let cells = [cell(1, 0.5, "a"), cell(1, 2, "b"), cell(1, .nan, "c"), cell(1, 3, "d")]
    try await desk.take(cells, now: begin) { number in
      asked.append(number)
      return leak
    }
    #expect(asked == [1, 3])
    let firing = await desk.firing
    #expect(firing.map(\.service) == ["b", "d"])
    #expect(firing.map(\.details) == [leak, leak])
  }

  @Test func `cells reach the desk and its file though their details fail`() async throws {
    let folder = try TestFolder()
    let (state, witness) = ("\(folder.path)/alerts.json", Witness())
    let first = try desk(witness, state: state)
    let cells = [cell(1, 2, "a"), cell(1, 2, "b"), cell(1, 0, "c")]
    await #expect(throws: StorageError.self) {
      try await first.take(cells, now: begin) { _ in throw StorageError.busy(path: "x") }
    }
    let firing = try await desk(Witness(), state: state).firing
    #expect(firing.map(\.service) == ["a", "b"])
  }

  @Test func `cells reach the desk and its file when it is cancelled, without their details`()
    async throws
  {
    let folder = try TestFolder()
    let (state, witness) = ("\(folder.path)/alerts.json", Witness())
    let first = try desk(witness, state: state)
    let handing = Task {
      while !Task.isCancelled { await Task.yield() }
      try await first.take([cell(1, 2, "a"), cell(1, 2, "b")], now: begin) { _ in leak }
    }
    handing.cancel()
    await #expect(throws: CancellationError.self) { try await handing.value }
    let firing = try await desk(Witness(), state: state).firing
    #expect(firing.map(\.service) == ["a", "b"])
    #expect(firing.map(\.details) == [nil, nil])
  }
}
