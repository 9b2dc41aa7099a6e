public import Telemetry

/// Masks lines one after the other and remembers the numbers of their patterns, so that a pattern
/// that was seen before costs neither a text nor a search.
public struct LogPatternCache: Sendable {
  private var reader: LineReader
  private var cache = PatternCache()

  /// Starts without patterns.
  public init(rules: LogMaskRules = LogMaskRules()) { reader = LineReader(rules: rules) }

  /// The number of the pattern of a line in UTF-8.
  ///
  /// - Parameters:
  ///   - fallback: The severity when the line itself names none, such as its stream's label.
  ///   - owner: Whose pattern it is; each owner has numbers of its own.
  ///   - number: Gives the number of a pattern that is not remembered, and whether it stays.
  public mutating func number(
    of line: Span<UInt8>, fallback: LogLevel, owner: Int,
    _ number: (LogPattern) -> (number: Int32, stays: Bool)
  ) -> Int32 {
    reader.read(line, fallback: fallback)
    let level = reader.level
    let seed = mix(UInt64(level.rawValue) ^ UInt64(truncatingIfNeeded: owner) << 8)
    let hash = hashOf(reader.pattern, seed: seed)
    let place = cache.place(of: reader.pattern, hash, level)
    if let entry = cache[place], entry.stamp == owner { return entry.number }
    let found = number(LogPattern(text: reader.text, level: level))
    if found.stays {
      let copy = reader.copy
      cache.set(place, copy.span, hash, level, number: found.number, stamp: owner)
    }
    return found.number
  }
}
