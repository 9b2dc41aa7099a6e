public import Telemetry

extension LogLevel {
  /// The severity that a word such as `warn`, `ERR` or `Fatal` names, in any case.
  public init?(named word: String) {
    guard let level = Self.level(of: packedWord(word)) else { return nil }
    self = level
  }

  /// The severity's name in files: `unknown`, `debug`, `info`, `warning` or `error`.
  public var name: String { "\(self)" }

  /// The severity that a packed word names.
  static func level(of word: UInt64) -> LogLevel? {
    if errors.contains(word) { return .error }
    if warnings.contains(word) { return .warning }
    if infos.contains(word) { return .info }
    return debugs.contains(word) ? .debug : nil
  }
}

private let debugs = PackedWords("trace debug fine verbose")
private let infos = PackedWords("info notice")
private let warnings = PackedWords("warn warning")
private let errors = PackedWords(
  "error err severe critical crit fatal panic emerg alert")
