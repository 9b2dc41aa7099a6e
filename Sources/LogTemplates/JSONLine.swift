internal import Storage
internal import Telemetry

/// What a log line that is a JSON object says of itself.
struct JSONLine {
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
