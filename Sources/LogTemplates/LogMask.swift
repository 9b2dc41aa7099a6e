internal import Storage
public import Telemetry

/// Turns a log line into the text that stays when its variable parts are taken out.
///
/// A time stamp at the head is cut off; UUIDs, addresses, numbers with or without units, quoted
/// strings and long hexadecimal or base64 runs become `<*>`, as does every other word with a digit.
/// Two things with digits stay, because they name a place in the code: `Class#line` and
/// `file.ext:line`. In the result a digit therefore always belongs to a call site.
///
/// Of a line that is a JSON object the message is masked alone. Runs of blanks and line breaks
/// become one blank, terminal colours vanish, and lists of variable parts become one.
public enum LogMask {
  /// What stands for a variable part.
  public static let wildcard = "<*>"
  /// Bytes of a line that are looked at; the rest is cut off.
  public static let lengthLimit = 8192
  /// Longest line that is searched for the members of a JSON object.
  private static let jsonLimit = 65_536

  /// The pattern of a line.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public static func pattern(of line: String, fallback: LogLevel = .unknown) -> LogPattern {
    pattern(of: Array(line.utf8), fallback: fallback)
  }

  /// The pattern of a line in UTF-8; bytes that are not UTF-8 are replaced.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public static func pattern(of line: [UInt8], fallback: LogLevel = .unknown) -> LogPattern {
    var masker = LineMasker(line, limit: lengthLimit)
    if line.first == 0x7B, line.count <= jsonLimit, let fields = JSONLine(line) {
      guard let message = fields.message else {
        masker.isJSON = true
        return LogPattern(text: masker.mask(), level: fields.level ?? fallback)
      }
      var pattern = pattern(of: message, fallback: fallback)
      if let level = fields.level { pattern.level = level }
      return pattern
    }
    let headLevel = masker.skipHead()
    let level = headLevel ?? masker.findLevel() ?? fallback
    return LogPattern(text: masker.mask(), level: level)
  }
}

/// What a log line that is a JSON object says of itself.
private struct JSONLine {
  var level: LogLevel?
  var message: String?

  /// Reads the members; nil when the line is no JSON object after all.
  init?(_ line: [UInt8]) {
    var reader = JSONReader(line, source: "")
    var (level, message): (LogLevel?, String?) = (nil, nil)
    do {
      try reader.object { key, reader in
        switch key {
        case "level", "lvl", "severity", "loglevel", "log.level", "levelname":
          level = try Self.level(&reader)
        case "msg", "message", "log", "event", "@message":
          if reader.peek() == 0x22 { message = try reader.string() } else { try reader.skip() }
        default: try reader.skip()
        }
      }
      try reader.expectEnd()
    } catch {
      return nil
    }
    (self.level, self.message) = (level, message)
  }

  private static func level(_ reader: inout JSONReader) throws -> LogLevel? {
    switch reader.peek() {
    case 0x22: return LogLevel(named: try reader.string())
    case .some(0x30...0x39):
      // The numbers of bunyan and pino.
      switch try reader.number() {
      case 10, 20: return .debug
      case 30: return .info
      case 40: return .warning
      case 50, 60: return .error
      default: return nil
      }
    default:
      try reader.skip()
      return nil
    }
  }
}
