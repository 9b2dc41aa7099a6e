public import Telemetry

/// An instant as people write it: fixed, or so long before now.
public enum TimeExpression: Hashable, Sendable {
  /// A fixed instant.
  case instant(Timestamp)
  /// A span before the moment at which the export begins; `now` is no span.
  case beforeNow(TimeSpan)

  /// Reads an RFC 3339 instant, `now`, or a span before now such as `-7d`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    if text == "now" {
      self = .beforeNow(.zero)
    } else if text.utf8.first == 0x2D, let span = TimeSpan(text.dropFirst()) {
      self = .beforeNow(span)
    } else if let instant = Timestamp(rfc3339: text) {
      self = .instant(instant)
    } else {
      return nil
    }
  }

  /// The instant meant at a moment. Relative ones are rounded down to a whole `unit`, so that
  /// samples of different exports fall on the same instants.
  ///
  /// - Precondition: `unit` is positive.
  public func resolved(at now: Timestamp, unit: TimeSpan) -> Timestamp {
    precondition(unit > .zero, "no instants every \(unit)")
    switch self {
    case .instant(let instant): return instant
    case .beforeNow(let span):
      let exact = (now - span).milliseconds
      let remainder = exact % unit.milliseconds
      return Timestamp(
        milliseconds: exact - remainder - (remainder < 0 ? unit.milliseconds : 0))
    }
  }
}

extension TimeExpression: CustomStringConvertible {
  /// The spelling that `init(_:)` reads: `now`, `-7d` or an RFC 3339 instant.
  public var description: String {
    switch self {
    case .instant(let instant): instant.description
    case .beforeNow(.zero): "now"
    case .beforeNow(let span): "-\(span)"
    }
  }
}
