internal import Storage
public import Telemetry

/// An alert about a service, from the moment it fired.
public struct Alert: Hashable, Sendable {
  /// The service.
  public var service: String
  /// When the unusual time began: the beginning of its first cell.
  public var start: Timestamp
  /// When it fired: the end of the cell that filled the hold time.
  public var fired: Timestamp
  /// The end of the last cell with a score of 1 or more.
  public var lastHigh: Timestamp
  /// When it was over; nil while it fires.
  public var resolved: Timestamp?
  /// The highest score so far.
  public var peak: Float
  /// What was told of the cell with the highest score.
  public var details: AlertDetails?

  /// Tells alerts of a service apart.
  public var id: String { "\(start.milliseconds)/\(service)" }

  init(
    service: String, start: Timestamp, fired: Timestamp, peak: Float, details: AlertDetails?
  ) {
    (self.service, self.start, self.fired, lastHigh) = (service, start, fired, fired)
    (self.peak, self.details) = (peak, details)
  }

  /// The alert as a document.
  func json() -> JSONValue {
    [
      "service": .string(service), "start": .instant(start), "fired": .instant(fired),
      "last_high": .instant(lastHigh), "resolved": resolved.map { .instant($0) } ?? .null,
      "peak": .float(peak), "details": details?.json() ?? .null,
    ]
  }

  init(json document: JSONDocument) throws {
    service = try document["service"].string
    start = try document["start"].instant
    fired = try document["fired"].instant
    lastHigh = try document["last_high"].instant
    resolved = try document.optional("resolved")?.instant
    peak = Float(try document["peak"].number)
    details = try document.optional("details").map { try AlertDetails(json: $0) }
  }
}
