internal import Storage
internal import Telemetry

extension JSONValue {
  static func time(_ time: Timestamp) -> JSONValue { .string(time.description) }
  static func span(_ span: TimeSpan) -> JSONValue { .number(span.seconds) }
  static func optional(_ number: Double?) -> JSONValue { number.map(JSONValue.number) ?? .null }
  static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
  static func optional(_ time: Timestamp?) -> JSONValue { time.map(JSONValue.time) ?? .null }
  static func optional(_ span: TimeSpan?) -> JSONValue { span.map(JSONValue.span) ?? .null }
}

extension JSONDocument {
  /// An instant in RFC 3339.
  var time: Timestamp {
    get throws {
      guard let time = Timestamp(rfc3339: try string) else {
        throw expected("an instant such as 2026-11-23T08:00:00Z")
      }
      return time
    }
  }

  /// A number of seconds.
  var span: TimeSpan {
    get throws {
      guard let milliseconds = Int64(exactly: (try number * 1000).rounded()) else {
        throw expected("a number of seconds")
      }
      return TimeSpan(milliseconds: milliseconds)
    }
  }
}
