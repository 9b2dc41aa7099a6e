internal import Diagnostics
public import Exporters
internal import Storage
public import Telemetry

/// Turns scored cells into alerts and brings them to every Alertmanager.
///
/// What it knows is in one file, written whole whenever an alert changes: a scorer that is killed goes
/// on with its hold times and its queue where it was.
public actor AlertDesk {
  /// How alerts are made and sent.
  public struct Settings: Sendable {
    /// When a service is in alert.
    public var policy: AlertPolicy
    /// How alerts look.
    public var text: AlertText
    /// The Alertmanagers, each of which gets every alert.
    public var targets: [ServerConnection]
    /// The file for what has to survive; nil for none.
    public var statePath: String?
    /// How often firing alerts are sent again. Each time they are good for four times as long, so that
    /// they end by themselves when nobody sends them any more.
    public var resend = TimeSpan.minutes(1)
    /// How long an Alertmanager has an alert before it hears that it is over.
    public var settle = TimeSpan.minutes(1)
    /// The most alerts that wait.
    public var limit = 10_000
    /// Alerts that were over longer ago when they are found, in history, are told to nobody.
    public var lateness = TimeSpan.hours(1)
    /// How long no cell of a service in alert may come before the alert is over; never shorter than
    /// twice the silence after which the service counts as quiet.
    public var longestWait = TimeSpan.hours(1)

    /// Makes settings.
    public init(policy: AlertPolicy, text: AlertText, targets: [ServerConnection]) {
      (self.policy, self.text, self.targets) = (policy, text, targets)
    }
  }

  private static let format = "autopilotops.alerts/1"
  private static let sizeLimit = 256 << 20
  /// Ends of alerts that are over, for verdicts.
  private static let endsKept = 2_000

  private let settings: Settings
  private let observer: any AlertObserver
  private let clients: [(target: String, client: AlertmanagerClient)]
  private var book: AlertBook
  private var outbox: AlertOutbox
  private var ends: [(id: String, end: Timestamp)] = []
  /// For services that rise or fire, the end of the last cell and when it was first seen here, in
  /// milliseconds of a clock that nobody sets.
  private var arrivals: [String: (cell: Timestamp, seen: Int64)] = [:]
  /// Whether something is to be sent that was not foreseen.
  private var isUrgent = false
  /// Whether the file does not say what is known, for it could not be written.
  private var isBehind = false

  /// Makes a desk, which goes on where its file says.
  ///
  /// - Parameter interval: The distance between cells.
  /// - Throws: `StorageError` for a file that is damaged or cannot be read.
  public init(
    _ settings: Settings, interval: TimeSpan, now: Timestamp, observer: any AlertObserver
  ) throws {
    self.settings = settings
    self.observer = observer
    clients = settings.targets.map {
      ($0.address.text, AlertmanagerClient(connection: $0))
    }
    var book = AlertBook(policy: settings.policy, interval: interval)
    var outbox = AlertOutbox(
      targets: clients.map(\.target), limit: settings.limit, settle: settings.settle,
      resend: settings.resend)
    var ends: [(id: String, end: Timestamp)] = []
    if let path = settings.statePath, FileSystem.item(at: path) != nil {
      let bytes = try FileSystem.readFile(at: path, limit: Self.sizeLimit)
      let document = JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
      guard try document["format"].string == Self.format else {
        throw try document["format"].expected("'\(Self.format)'")
      }
      try book.restore(try document["book"], seen: try document.optional("seen"))
      try outbox.restore(try document["outbox"])
      ends = try document["ends"].elements.map {
        (try $0["id"].string, try $0["end"].instant)
      }
    }
    outbox.reconcile(book.firing, at: now)
    (self.book, self.outbox, self.ends) = (book, outbox, ends)
    observer.saw(firing: book.firing.count, queued: outbox.waiting)
  }

  /// Takes the cells that were scored last, those of a service in the order of time.
  public func take(_ cells: [ScoredCell], now: Timestamp) {
    let before = book.json()
    let events = cells.flatMap { book.take($0) }
    settle(events, now: now)
    // Most cells change nothing that would have to survive. What began and ended in these has.
    if !events.isEmpty || book.json() != before { save() }
  }

  /// Whether people would be told the details of a cell.
  public func wantsDetails(of service: String, score: Float) -> Bool {
    book.wantsDetails(of: service, score: score)
  }

  /// Replaces the times in which nobody is told.
  public func mute(_ incidents: [Incident]) { book.muted = incidents }

  /// Forgets services that are watched no more; their alerts are over.
  public func keep(only services: Set<String>, now: Timestamp) {
    let events = book.keep(only: services, at: now)
    guard !events.isEmpty else { return }
    settle(events, now: now)
    save()
  }

  /// Ends what was not heard of for too long: cells that stopped coming end no alert by themselves.
  private func expire(_ clock: AlertClock) {
    let steady = clock.steady()
    var seen: [String: (cell: Timestamp, seen: Int64)] = [:]
    for (service, cell) in book.open {
      let known = arrivals[service]
      seen[service] = known?.cell == cell ? known : (cell, steady)
    }
    arrivals = seen
    let wait = max(settings.longestWait, book.longestSilence * 2).milliseconds
    let gone = seen.filter { steady - $0.value.seen >= wait }.map(\.key)
    guard !gone.isEmpty else { return }
    let now = clock.now()
    settle(book.expire(gone, at: now), now: now)
    save()
  }

  /// Alerts that fire and were told.
  public var firing: [Alert] { book.firing }

  /// Alerts that no Alertmanager knows of yet.
  public var queued: Int { outbox.waiting }

  /// When an alert was over, as far as that is remembered.
  public func end(ofAlertOn service: String, startedAt start: Timestamp) -> Timestamp? {
    let id = "\(start.milliseconds)/\(service)"
    return ends.last { $0.id == id }?.end
  }

  private func settle(_ events: [AlertBook.Event], now: Timestamp) {
    var changed: [String: Alert] = [:]
    var counts: [AlertOutcome: Int] = [:]
    for event in events {
      switch event {
      case .fired(let alert):
        (changed[alert.id], counts[.fired]) = (alert, (counts[.fired] ?? 0) + 1)
      case .worsened(let alert): changed[alert.id] = alert
      case .resolved(let alert):
        (changed[alert.id], counts[.resolved]) = (alert, (counts[.resolved] ?? 0) + 1)
        ends.append((alert.id, alert.lastHigh))
      case .muted: counts[.muted, default: 0] += 1
      }
    }
    if ends.count > Self.endsKept { ends.removeFirst(ends.count - Self.endsKept) }
    for alert in changed.values.sorted(by: { ($0.start, $0.id) < ($1.start, $1.id) }) {
      let isOld = alert.resolved.map { $0 < now - settings.lateness } ?? false
      if isOld, !outbox.holds(alert) { continue }
      counts[.failed, default: 0] += outbox.put(alert)
    }
    for outcome in AlertOutcome.allCases {
      if let count = counts[outcome], count > 0 { observer.counted(outcome, count) }
    }
    observer.saw(firing: book.firing.count, queued: outbox.waiting)
    if !changed.isEmpty { isUrgent = true }
  }

  private func save() {
    guard let path = settings.statePath else { return }
    let document: JSONValue = [
      "format": .string(Self.format), "book": book.json(), "outbox": outbox.json(),
      "ends": .array(ends.map { ["id": .string($0.id), "end": .instant($0.end)] }),
      "seen": book.seen(),
    ]
    do throws(StorageError) {
      try FileSystem.writeFileAtomically(Array(document.text().utf8), to: path)
      isBehind = false
    } catch {
      isBehind = true
      observer.stateFailed(error.description)
    }
  }

  /// Sends what is due to every Alertmanager, once.
  ///
  /// - Returns: Whether all of it arrived.
  @discardableResult
  public func send(now: @escaping @Sendable () -> Timestamp) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      for (target, client) in clients {
        group.addTask { await self.send(to: target, client, now) }
      }
      var isComplete = true
      for await result in group { isComplete = isComplete && result }
      observer.saw(firing: book.firing.count, queued: outbox.waiting)
      return isComplete
    }
  }

  /// What came of posting messages.
  private enum Arrival {
    /// All that can arrive has.
    case complete
    /// Some wait; others may still be posted.
    case incomplete
    /// The Alertmanager takes nothing now.
    case stopped
  }

  private func send(
    to target: String, _ client: AlertmanagerClient, _ now: @Sendable () -> Timestamp
  ) async -> Bool {
    let due = outbox.due(for: target, at: now())
    var isComplete = true
    for start in stride(from: 0, to: due.count, by: AlertmanagerClient.batch) {
      let batch = Array(due[start..<min(due.count, start + AlertmanagerClient.batch)])
      switch await post(batch, to: target, client, now) {
      case .complete: continue
      case .incomplete: isComplete = false
      case .stopped: return false
      }
    }
    return isComplete
  }

  /// Posts messages; those that are refused together are posted one by one, to find the culprit.
  private func post(
    _ messages: [AlertOutbox.Message], to target: String, _ client: AlertmanagerClient,
    _ now: @Sendable () -> Timestamp
  ) async -> Arrival {
    let time = now()
    do throws(AlertmanagerClient.Failure) {
      try await client.post(messages.map { json($0, at: time) })
    } catch {
      switch error {
      case .later(let reason):
        if !Task.isCancelled { observer.sendingFailed(reason) }
        return .stopped
      case .refused(let reason):
        guard messages.count > 1 else {
          observer.sendingFailed(reason)
          for message in messages where outbox.refuse(message, by: target) {
            observer.counted(.failed, 1)
          }
          save()
          return .complete
        }
      case .tooLarge(let reason):
        guard messages.count > 1 else {
          // Something on the way may be put right.
          observer.sendingFailed(reason)
          return .incomplete
        }
      }
      return await postSingly(messages, to: target, client, now)
    }
    var isNews = false
    for message in messages {
      isNews = outbox.deliver(message, to: target, at: time) || isNews
    }
    if isNews { save() }
    return .complete
  }

  private func postSingly(
    _ messages: [AlertOutbox.Message], to target: String, _ client: AlertmanagerClient,
    _ now: @Sendable () -> Timestamp
  ) async -> Arrival {
    var arrival = Arrival.complete
    for message in messages {
      switch await post([message], to: target, client, now) {
      case .complete: continue
      case .incomplete: arrival = .incomplete
      case .stopped: return .stopped
      }
    }
    return arrival
  }

  private func json(_ message: AlertOutbox.Message, at now: Timestamp) -> JSONValue {
    let end = message.isOver ? message.alert.resolved : nil
    // A clock that was set back must not make an alert end before it began, which is refused.
    let last = max(now, message.alert.start) + validity
    return settings.text.json(message.alert, end: min(end ?? last, last))
  }

  /// How long an alert is good for without being sent again.
  private var validity: TimeSpan { settings.resend * 4 }

  /// Sends what is due until it is cancelled.
  public func run(clock: AlertClock = .system) async throws {
    var failures = 0
    while true {
      try Task.checkCancellation()
      expire(clock)
      // No alert may change for long after a disk that was full has room again.
      if isBehind { save() }
      let isComplete = await send(now: clock.now)
      failures = isComplete ? 0 : failures + 1
      var rest = TimeSpan.seconds(5)
      if failures > 0 {
        rest = TimeSpan(milliseconds: min(15_000, 500 << Int64(min(failures - 1, 5))))
        try await clock.sleep(rest)
        continue
      }
      if let next = outbox.nextDue(after: clock.now()) {
        rest = min(rest, max(next - clock.now(), .init(milliseconds: 50)))
      }
      // Short naps, so that an alert does not wait for the next repetition.
      isUrgent = false
      while rest > .zero, !isUrgent {
        let nap = min(rest, .init(milliseconds: 250))
        try await clock.sleep(nap)
        rest = TimeSpan(milliseconds: rest.milliseconds - nap.milliseconds)
      }
    }
  }
}
