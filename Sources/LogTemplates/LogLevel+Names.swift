public import Telemetry

extension LogLevel {
  /// The severity that a word such as `warn`, `ERR` or `Fatal` names, in any case.
  public init?(named word: String) {
    guard let level = Self.level(of: packedWord(Array(word.utf8)[...])) else { return nil }
    self = level
  }

  /// The severity's name in files: `unknown`, `debug`, `info`, `warning` or `error`.
  public var name: String { "\(self)" }

  static func level(of packed: UInt64) -> LogLevel? { levels[packed] }
}

private let levels: [UInt64: LogLevel] = {
  let names: [(LogLevel, [String])] = [
    (.debug, ["trace", "debug", "fine", "verbose"]),
    (.info, ["info", "notice"]),
    (.warning, ["warn", "warning"]),
    (
      .error,
      ["error", "err", "severe", "critical", "crit", "fatal", "panic", "emerg", "alert"]
    ),
  ]
  var table: [UInt64: LogLevel] = [:]
  for (level, words) in names {
    for word in words { table[packedWord(Array(word.utf8)[...])] = level }
  }
  return table
}()

/// A word of at most eight ASCII letters as one number, without regard to case; 0 for others.
func packedWord(_ word: ArraySlice<UInt8>) -> UInt64 {
  guard word.count <= 8 else { return 0 }
  var packed: UInt64 = 0
  for byte in word {
    guard isLetter(byte) else { return 0 }
    packed = packed << 8 | UInt64(byte | 0x20)
  }
  return packed
}
