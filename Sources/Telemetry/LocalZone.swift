internal import Foundation

/// How far a clock is ahead of UTC over time: by a fixed offset, or by the rules of a place.
public struct LocalZone: Hashable, Sendable, CustomStringConvertible {
  /// Coordinated Universal Time.
  public static let utc = LocalZone(name: "UTC", rules: .fixed(0))

  private enum Rules: Hashable, Sendable {
    /// Seconds.
    case fixed(Int64)
    case place(TimeZone)
  }

  /// The name it was made from.
  public let name: String
  private let rules: Rules

  private init(name: String, rules: Rules) { (self.name, self.rules) = (name, rules) }

  /// Reads `UTC`, an offset such as `+02:00`, or a place of the IANA time zone database such as
  /// `Europe/Berlin`; nil for anything else, such as abbreviations, which are not unique.
  public init?(_ name: String) {
    if ["UTC", "Z", "GMT"].contains(name) {
      self.init(name: name, rules: .fixed(0))
      return
    }
    var scanner = DigitScanner(Array(name.utf8))
    if let offset = scanner.zone(), scanner.isAtEnd {
      self.init(name: name, rules: .fixed(offset.milliseconds / 1000))
      return
    }
    guard name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
    self.init(name: name, rules: .place(zone))
  }

  /// The name it was made from.
  public var description: String { name }

  /// The one offset there is, in seconds; nil for a place.
  var fixedOffset: Int64? {
    guard case .fixed(let offset) = rules else { return nil }
    return offset
  }

  /// How far a clock is ahead of UTC at an instant.
  public func offset(at time: Timestamp) -> TimeSpan {
    let seconds = time.milliseconds / 1000 - (time.milliseconds % 1000 < 0 ? 1 : 0)
    return .seconds(offset(at: seconds))
  }

  /// Seconds ahead of UTC at an instant, in seconds since 1970.
  func offset(at seconds: Int64) -> Int64 {
    switch rules {
    case .fixed(let offset): offset
    case .place(let zone):
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
  }
}
