public import Storage
public import Telemetry

/// Which services are in alert, as a function of their scored cells alone: no clock, no randomness.
///
/// A service is *rising* from its first cell with a score of 1 or more, until a cell below 1. Once
/// that has lasted for `hold` it *fires*, and does so until no cell has reached 1 for `keepFiring`.
/// Cells without a score change nothing, unless nothing was known for `longestSilence`: then the service
/// counts as quiet. What begins in a time that the incidents file names fires only if it lasts
/// longer than that.
///
/// Only `expire` knows of a clock, for when no cells come any more.
public struct AlertBook: Sendable {
  /// What came of a cell.
  public enum Event: Hashable, Sendable {
    /// An alert fires.
    case fired(Alert)
    /// An alert that fired is worse than before.
    case worsened(Alert)
    /// An alert that fired is over.
    case resolved(Alert)
    /// An alert would have fired, but its time is muted.
    case muted(Alert)
  }

  private enum Phase: Hashable {
    /// Since the beginning of the first high cell; what stood out so far.
    case rising(since: Timestamp, peak: Float, details: AlertDetails?)
    /// `isTold` unless it is muted.
    case firing(Alert, isTold: Bool)
  }

  private struct Entry: Hashable {
    /// The end of the last cell.
    var time: Timestamp
    /// The end of the last cell with a score.
    var lastKnown: Timestamp
    var phase: Phase?
  }

  private static let format = "autopilotops.alert-book/1"

  /// When a service is in alert.
  public var policy: AlertPolicy
  /// The distance between cells.
  public let interval: TimeSpan
  /// Times in which nobody is to be told.
  public var muted: [Incident] = []
  private var entries: [String: Entry] = [:]

  /// Makes a book in which all is quiet.
  public init(policy: AlertPolicy, interval: TimeSpan) {
    precondition(interval > .zero, "interval \(interval)")
    (self.policy, self.interval) = (policy, interval)
  }

  /// How long nothing may be known of a service: a cell that is left out is no silence.
  var longestSilence: TimeSpan { max(policy.longestSilence, interval * 3) }

  /// Services that rise or fire, with the ends of their last cells.
  var open: [String: Timestamp] { entries.filter { $0.value.phase != nil }.mapValues(\.time) }

  /// Alerts that fire and were told, in the order of their services.
  public var firing: [Alert] {
    entries.sorted { $0.key < $1.key }.compactMap { _, entry in
      if case .firing(let alert, isTold: true)? = entry.phase { alert } else { nil }
    }
  }

  /// Whether people would be told the details of a cell: its score is the highest of an alert to be.
  public func wantsDetails(of service: String, score: Float) -> Bool {
    guard score >= 1 else { return false }
    return switch entries[service]?.phase {
    case nil: true
    case .rising(_, let peak, let details): score > peak || details == nil
    case .firing(let alert, _): score > alert.peak || alert.details == nil
    }
  }

  /// Takes the next cell of a service; one that is not later than the last changes nothing.
  public mutating func take(_ cell: ScoredCell) -> [Event] {
    var entry =
      entries[cell.service]
      ?? Entry(time: cell.time - interval, lastKnown: cell.time - interval, phase: nil)
    guard cell.time > entry.time else { return [] }
    var events: [Event] = []
    let isSilent = cell.time - entry.lastKnown > longestSilence
    if isSilent, let phase = entry.phase {
      // Nothing was known for too long; what comes now is another story.
      entry.phase = nil
      if case .firing(var alert, let isTold) = phase {
        alert.resolved = min(cell.time, entry.lastKnown + longestSilence)
        if isTold { events.append(.resolved(alert)) }
      }
    }
    entry.time = cell.time
    if cell.score.isFinite || cell.score == .infinity {
      entry.lastKnown = cell.time
      events += advance(&entry.phase, by: cell)
    }
    entries[cell.service] = entry
    return events
  }

  private func advance(_ phase: inout Phase?, by cell: ScoredCell) -> [Event] {
    let isHigh = cell.score >= 1
    switch phase {
    case nil:
      guard isHigh else { return [] }
      return rise(
        &phase, since: cell.time - interval, peak: cell.score, details: cell.details, cell)
    case .rising(let since, let peak, let details):
      guard isHigh else {
        phase = nil
        return []
      }
      let isWorse = cell.score > peak
      return rise(
        &phase, since: since, peak: max(peak, cell.score),
        details: isWorse ? cell.details ?? details : details ?? cell.details, cell)
    case .firing(var alert, let isTold):
      return go(on: &alert, isTold, &phase, cell)
    }
  }

  private func rise(
    _ phase: inout Phase?, since: Timestamp, peak: Float, details: AlertDetails?, _ cell: ScoredCell
  ) -> [Event] {
    guard cell.time - since >= policy.hold else {
      phase = .rising(since: since, peak: peak, details: details)
      return []
    }
    let alert = Alert(
      service: cell.service, start: since, fired: cell.time, peak: peak, details: details)
    let isMuted = isMuted(cell)
    phase = .firing(alert, isTold: !isMuted)
    return [isMuted ? .muted(alert) : .fired(alert)]
  }

  private func go(
    on alert: inout Alert, _ isTold: Bool, _ phase: inout Phase?, _ cell: ScoredCell
  ) -> [Event] {
    guard cell.score >= 1 else {
      guard cell.time - alert.lastHigh >= policy.keepFiring else { return [] }
      alert.resolved = cell.time
      phase = nil
      return isTold ? [.resolved(alert)] : []
    }
    alert.lastHigh = cell.time
    let isWorse = cell.score > alert.peak
    if isWorse {
      alert.peak = cell.score
      alert.details = cell.details ?? alert.details
    }
    if !isTold, !isMuted(cell) {
      alert.fired = cell.time
      phase = .firing(alert, isTold: true)
      return [.fired(alert)]
    }
    phase = .firing(alert, isTold: isTold)
    return isTold && isWorse ? [.worsened(alert)] : []
  }

  private func isMuted(_ cell: ScoredCell) -> Bool {
    let start = cell.time - interval
    return muted.contains {
      $0.concerns(cell.service) && $0.start < cell.time && $0.resolved > start
    }
  }

  /// Lets services count as quiet of which nothing comes any more; their alerts are over.
  mutating func expire(_ services: [String], at time: Timestamp) -> [Event] {
    services.sorted().compactMap { service in
      guard let entry = entries[service], let phase = entry.phase else { return nil }
      entries[service]?.phase = nil
      guard case .firing(var alert, isTold: true) = phase else { return nil }
      alert.resolved = max(alert.fired, min(time, entry.lastKnown + longestSilence))
      return .resolved(alert)
    }
  }

  /// Forgets services that are watched no more; their alerts are over.
  public mutating func keep(only services: Set<String>, at time: Timestamp) -> [Event] {
    var events: [Event] = []
    for (service, entry) in entries.sorted(by: { $0.key < $1.key })
    where !services.contains(service) {
      entries[service] = nil
      if case .firing(var alert, isTold: true)? = entry.phase {
        alert.resolved = max(time, alert.fired)
        events.append(.resolved(alert))
      }
    }
    return events
  }
}

extension AlertBook {
  /// The book as a document; services that are quiet are not in it.
  public func json() -> JSONValue {
    var services: [String: JSONValue] = [:]
    for (service, entry) in entries {
      var members: [String: JSONValue] = [
        "time": .instant(entry.time), "last_known": .instant(entry.lastKnown),
      ]
      switch entry.phase {
      case nil: continue
      case .rising(let since, let peak, let details):
        members["since"] = .instant(since)
        members["peak"] = .float(peak)
        members["details"] = details?.json() ?? .null
      case .firing(let alert, let isTold):
        members["alert"] = alert.json()
        members["told"] = .bool(isTold)
      }
      services[service] = .object(members)
    }
    return ["format": .string(Self.format), "services": .object(services)]
  }

  /// The end of the last cell of every service, quiet ones too.
  public func seen() -> JSONValue { .object(entries.mapValues { .instant($0.time) }) }

  /// Goes on where a book was written down.
  ///
  /// - Parameter seen: Up to where cells were taken, so that none is taken again; nil when that was not
  ///   written down.
  /// - Throws: `StorageError.unexpectedShape` with the place that is wrong.
  public mutating func restore(_ document: JSONDocument, seen: JSONDocument? = nil) throws {
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)'")
    }
    var restored: [String: Entry] = [:]
    for (service, time) in try seen?.members ?? [] {
      let time = try time.instant
      restored[service] = Entry(time: time, lastKnown: time, phase: nil)
    }
    for (service, member) in try document["services"].members {
      var entry = Entry(
        time: try member["time"].instant, lastKnown: try member["last_known"].instant, phase: nil)
      if let alert = try member.optional("alert") {
        entry.phase = .firing(try Alert(json: alert), isTold: try member["told"].bool)
      } else {
        entry.phase = .rising(
          since: try member["since"].instant, peak: Float(try member["peak"].number),
          details: try member.optional("details").map { try AlertDetails(json: $0) })
      }
      restored[service] = entry
    }
    entries = restored
  }
}
