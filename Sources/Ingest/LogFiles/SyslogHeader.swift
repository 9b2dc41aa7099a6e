internal import Telemetry

/// What stands before a message of syslog, but for its time.
struct SyslogHeader {
  /// 0 to 23; nil when it is not written.
  private(set) var facility: Int?
  /// The severity.
  private(set) var level = LogLevel.unknown
  /// The program, without the number of its process; empty when none is named.
  private var program = ""

  /// The program; of messages without one the kernel, where they are of its facility.
  var service: String {
    guard program.isEmpty else { return program }
    return facility == 0 ? "kernel" : ServiceNaming.unnamed
  }

  /// Takes the length of a frame, `83 ` before `<`; nil when there is none.
  static func takeFrameLength(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let digits = rest.prefix(8).prefix { (0x30...0x39).contains($0) }
    guard let length = decimal(digits, atMost: 8), length > 0,
      rest[digits.endIndex...].starts(with: [0x20, 0x3C])
    else { return nil }
    rest = rest[(digits.endIndex + 1)...]
    return Int(length)
  }

  /// Takes `<facility × 8 + severity>` if it is there; false when what is there is no priority.
  mutating func takePriority(_ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == 0x3C else { return true }
    let digits = rest.dropFirst().prefix(4).prefix { $0 != 0x3E }
    guard let priority = decimal(digits, atMost: 3), priority < 192,
      rest[digits.endIndex...].first == 0x3E
    else { return false }
    facility = Int(priority) / 8
    level = Self.levels[Int(priority) % 8]
    rest = rest[(digits.endIndex + 1)...]
    return true
  }

  /// Takes the version of RFC 5424 if it is there.
  mutating func takeVersion(_ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.starts(with: [0x31, 0x20]) else { return false }
    rest = rest.dropFirst(2)
    return true
  }

  /// Takes `time host app process id data` and returns the time; nil when that is not there.
  mutating func takeFields5424(
    _ rest: inout ArraySlice<UInt8>
  ) -> ArraySlice<UInt8>? {
    let fields = rest.split(separator: 0x20, maxSplits: 5, omittingEmptySubsequences: false)
    guard fields.count == 6, fields.allSatisfy({ !$0.isEmpty }),
      var message = Self.behindStructuredData(fields[5])
    else { return nil }
    // A mark of UTF-8.
    if message.starts(with: [0xEF, 0xBB, 0xBF]) { message = message.dropFirst(3) }
    rest = message
    if !fields[2].elementsEqual([0x2D]) { program = Self.program(fields[2]) }
    return fields[0]
  }

  /// What follows `-` or elements in brackets, whose quoted values may hold brackets.
  private static func behindStructuredData(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var index = text.startIndex
    if text.first == 0x2D {
      index += 1
    } else {
      guard text.first == 0x5B else { return nil }
      while index < text.endIndex, text[index] == 0x5B {
        var isQuoted = false
        index += 1
        while index < text.endIndex, isQuoted || text[index] != 0x5D {
          if isQuoted, text[index] == 0x5C {
            index += 1
          } else if text[index] == 0x22 {
            isQuoted.toggle()
          }
          index += 1
        }
        guard index < text.endIndex else { return nil }
        index += 1
      }
    }
    guard index < text.endIndex else { return [] }
    return text[index] == 0x20 ? text[(index + 1)...] : nil
  }

  /// Takes `host program[process]: ` as far as it is there; what follows is the message.
  ///
  /// Some write no host, and some `facility.severity` behind it. Messages such as
  /// `last message repeated 3 times` have no program.
  mutating func takeFields3164(_ rest: inout ArraySlice<UInt8>) {
    var words = rest
    // Without a host the first word ends in a colon; those of an address are followed by more.
    if rest.prefix(while: { $0 != 0x20 }).last == 0x3A {
      _ = takeTag(&rest)
      return
    }
    guard takeWord(&words) != nil else { return }
    var behind = words
    if let word = takeWord(&behind), let level = Self.level(ofSelector: word) {
      if self.level == .unknown { self.level = level }
      words = behind
    }
    _ = takeTag(&words)
    rest = words
  }

  /// Takes `program[process]:` and a blank; false when that is not there.
  private mutating func takeTag(_ rest: inout ArraySlice<UInt8>) -> Bool {
    let word = rest.prefix { $0 != 0x20 }
    guard let colon = word.firstIndex(of: 0x3A) else { return false }
    let name = word[..<colon].prefix { $0 != 0x5B && $0 != 0x28 }
    let isName = name.contains { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
    // What follows a percent sign is the kind of a device's message.
    guard isName, name.first != 0x25, !name.contains(0x3D) else { return false }
    program = String(decoding: name, as: UTF8.self)
    rest = rest[(colon + 1)...]
    if rest.first == 0x20 { rest.removeFirst() }
    return true
  }

  /// A program's name without the number of its process.
  private static func program(_ text: ArraySlice<UInt8>) -> String {
    String(decoding: text.prefix { $0 != 0x5B }, as: UTF8.self)
  }

  /// `daemon.warning` as a severity; nil for anything else.
  private static func level(ofSelector word: ArraySlice<UInt8>) -> LogLevel? {
    guard let point = word.firstIndex(of: 0x2E),
      facilities.contains(String(decoding: word[..<point], as: UTF8.self))
    else { return nil }
    return severities[String(decoding: word[(point + 1)...], as: UTF8.self)]
  }

  /// From emergencies to debugging.
  private static let levels: [LogLevel] = [
    .error, .error, .error, .error, .warning, .info, .info, .debug,
  ]
  private static let severities: [String: LogLevel] = [
    "emerg": .error, "panic": .error, "alert": .error, "crit": .error, "err": .error,
    "error": .error, "warning": .warning, "warn": .warning, "notice": .info, "info": .info,
    "debug": .debug,
  ]
  private static let facilities: Set<String> = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
  ]
}
