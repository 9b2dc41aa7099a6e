internal import Storage
internal import Telemetry

/// Alerts on their way to every Alertmanager, until all of them know that they are over.
///
/// An alert that is over before anybody heard of it is sent as firing first, and as over once an
/// Alertmanager has had it for `settle`, or nobody would ever be told. A value: sending is the
/// caller's.
struct AlertOutbox: Sendable {
  /// What is sent to one Alertmanager.
  struct Message: Hashable, Sendable {
    var alert: Alert
    /// Whether it is told that the alert is over.
    var isOver: Bool
    var revision: Int
  }

  private struct Delivery: Hashable {
    /// When it was first told that the alert fires.
    var told: Timestamp
    /// When it was last told so.
    var renewed: Timestamp
    /// What it knows; a higher revision is news.
    var revision: Int
  }

  private struct Entry: Hashable {
    var alert: Alert
    /// Grows with every change of the alert.
    var revision = 1
    var deliveries: [String: Delivery] = [:]
    /// Who knows that it is over.
    var finished: Set<String> = []
    /// Who refused it. Not written down: after a restart it is tried again, once.
    var refused: Set<String> = []

    /// Whether nothing more is to be told to a target.
    func isDone(with target: String) -> Bool {
      finished.contains(target) || refused.contains(target)
    }
  }

  private static let format = "autopilotops.alert-outbox/1"

  /// Addresses of the Alertmanagers.
  let targets: [String]
  /// The most alerts that wait.
  let limit: Int
  /// How long an Alertmanager has had an alert before it hears that it is over.
  let settle: TimeSpan
  /// How often a firing alert is sent again.
  let resend: TimeSpan
  private var entries: [String: Entry] = [:]

  init(targets: [String], limit: Int, settle: TimeSpan, resend: TimeSpan) {
    (self.targets, self.limit, self.settle, self.resend) = (targets, limit, settle, resend)
  }

  /// Alerts whose newest state nobody knows.
  var waiting: Int {
    entries.values.count { entry in
      !isDone(entry)
        && (entry.deliveries.isEmpty || entry.alert.resolved != nil && entry.finished.isEmpty)
    }
  }

  /// Alerts that are kept.
  var count: Int { entries.count }

  private func isDone(_ entry: Entry) -> Bool { targets.allSatisfy(entry.isDone(with:)) }

  /// Whether an alert is kept.
  func holds(_ alert: Alert) -> Bool { entries[alert.id] != nil }

  /// Puts an alert in, or its newer state.
  ///
  /// - Returns: Alerts that had to go for it: the oldest that are over, and else the oldest.
  mutating func put(_ alert: Alert) -> Int {
    guard !targets.isEmpty else { return 0 }
    if var entry = entries[alert.id] {
      entry.alert = alert
      entry.revision += 1
      entries[alert.id] = alert.resolved != nil && isDone(entry) ? nil : entry
      return 0
    }
    var dropped = 0
    while entries.count >= limit {
      let oldest = entries.min { a, b in
        let (x, y) = (a.value.alert, b.value.alert)
        if (x.resolved == nil) != (y.resolved == nil) { return x.resolved != nil }
        return (x.resolved ?? x.start, a.key) < (y.resolved ?? y.start, b.key)
      }
      guard let oldest else { break }
      entries[oldest.key] = nil
      dropped += 1
    }
    entries[alert.id] = Entry(alert: alert)
    return dropped
  }

  /// What a target has to be told now, in the order of the alerts' beginning.
  func due(for target: String, at now: Timestamp) -> [Message] {
    var messages: [Message] = []
    for entry in entries.values.sorted(by: {
      ($0.alert.start, $0.alert.id) < ($1.alert.start, $1.alert.id)
    }) {
      guard !entry.isDone(with: target) else { continue }
      let message = { Message(alert: entry.alert, isOver: $0, revision: entry.revision) }
      guard let delivery = entry.deliveries[target] else {
        messages.append(message(false))
        continue
      }
      if entry.alert.resolved != nil, now - delivery.told >= settle || now < delivery.told {
        messages.append(message(true))
      } else if now - delivery.renewed >= resend || now < delivery.renewed
        || entry.alert.resolved == nil && delivery.revision < entry.revision
      {
        messages.append(message(false))
      }
    }
    return messages
  }

  /// When a target has to be told something next; nil when nothing waits.
  func nextDue(after now: Timestamp) -> Timestamp? {
    entries.values.flatMap { entry in
      targets.compactMap { target -> Timestamp? in
        guard !entry.isDone(with: target) else { return nil }
        guard let delivery = entry.deliveries[target] else { return now }
        let renewal = delivery.renewed + resend
        guard entry.alert.resolved != nil else {
          return delivery.revision < entry.revision ? now : renewal
        }
        return min(renewal, delivery.told + settle)
      }
    }.min()
  }

  /// Notes that a target has taken a message.
  ///
  /// - Returns: Whether that is worth writing down: a mere repetition is not.
  mutating func deliver(_ message: Message, to target: String, at now: Timestamp) -> Bool {
    guard var entry = entries[message.alert.id] else { return false }
    defer {
      entries[message.alert.id] = entry.alert.resolved != nil && isDone(entry) ? nil : entry
    }
    if message.isOver {
      entry.finished.insert(target)
      return true
    }
    let known = entry.deliveries[target]
    entry.deliveries[target] = Delivery(
      told: known?.told ?? now, renewed: now, revision: message.revision)
    return known == nil
  }

  /// Notes that a target will never take an alert; the others still get it.
  ///
  /// - Returns: Whether nobody had refused it before.
  mutating func refuse(_ message: Message, by target: String) -> Bool {
    guard var entry = entries[message.alert.id] else { return false }
    let isFirst = entry.refused.isEmpty
    entry.refused.insert(target)
    // One that still fires stays, so that its next cell does not begin anew.
    entries[message.alert.id] = entry.alert.resolved != nil && isDone(entry) ? nil : entry
    return isFirst
  }

  /// Makes the outbox hold what the book says that fires, and nothing else that fires: a kill may have
  /// come between the two.
  mutating func reconcile(_ firing: [Alert], at now: Timestamp) {
    let ids = Set(firing.map(\.id))
    for alert in firing where entries[alert.id] == nil { _ = put(alert) }
    for (id, entry) in entries where entry.alert.resolved == nil && !ids.contains(id) {
      entries[id]?.alert.resolved = max(now, entry.alert.fired)
    }
  }
}

extension AlertOutbox {
  func json() -> JSONValue {
    let alerts = entries.sorted { $0.key < $1.key }.map { _, entry -> JSONValue in
      [
        "alert": entry.alert.json(),
        "told": .object(entry.deliveries.mapValues { .instant($0.told) }),
        "finished": .array(entry.finished.sorted().map { .string($0) }),
      ]
    }
    return ["format": .string(Self.format), "alerts": .array(alerts)]
  }

  /// Goes on where an outbox was written down; targets that are no more are forgotten.
  mutating func restore(_ document: JSONDocument) throws {
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)'")
    }
    entries = [:]
    for element in try document["alerts"].elements {
      var entry = Entry(alert: try Alert(json: try element["alert"]))
      for (target, told) in try element["told"].members where targets.contains(target) {
        let told = try told.instant
        // Revision 0 and a renewal long ago: it is told again at once.
        entry.deliveries[target] = Delivery(
          told: told, renewed: Timestamp(milliseconds: 0), revision: 0)
      }
      entry.finished = Set(try element["finished"].elements.map { try $0.string })
        .intersection(targets)
      guard !targets.allSatisfy(entry.finished.contains) else { continue }
      entries[entry.alert.id] = entry
    }
  }
}
