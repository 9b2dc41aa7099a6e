public import Telemetry

/// Turns a log line into the text that stays when its variable parts are taken out.
///
/// A time stamp at the head is cut off; UUIDs, addresses, numbers with or without units, quoted
/// strings and long hexadecimal or base64 runs become `<*>`, as does every other word with a digit.
/// Of a quoted HTTP request the method stays. Two things with digits stay, because they name a place
/// in the code: `Class#line` and `file.ext:line`. In the result a digit therefore always belongs to
/// a call site.
///
/// Of a line that is a JSON object the message is masked alone. Runs of blanks, line breaks and
/// control characters become one blank, terminal colours vanish, and neighbouring variable parts
/// become one, so that lists of any length look alike. Masking a pattern again changes nothing,
/// unless it was cut at `lengthLimit`.
public enum LogMask {
  /// What stands for a variable part.
  public static let wildcard = "<*>"
  /// Bytes of a line that are looked at, and of a pattern; the rest is cut off.
  public static let lengthLimit = 8192

  /// The pattern of a line.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public static func pattern(
    of line: String, fallback: LogLevel = .unknown, rules: LogMaskRules = LogMaskRules()
  ) -> LogPattern {
    pattern(of: Array(line.utf8), fallback: fallback, rules: rules)
  }

  /// The pattern of a line in UTF-8; bytes that are not UTF-8 are replaced.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public static func pattern(
    of line: [UInt8], fallback: LogLevel = .unknown, rules: LogMaskRules = LogMaskRules()
  ) -> LogPattern {
    // A built-in mask at most triples a line.
    let limit = rules.named.isEmpty ? 3 * line.count + 3 : lengthLimit
    var reader = LineReader(rules: rules, limit: limit)
    reader.read(line.span, fallback: fallback)
    return LogPattern(text: reader.text, level: reader.level)
  }
}
