public import Telemetry

/// Numbers the distinct patterns of lines, in the order of their first appearance.
public struct LogPatternTable: Sendable {
  /// The patterns; a pattern's index is its number.
  public private(set) var patterns: [LogPattern] = []
  /// Lines whose pattern was beyond the limit.
  public private(set) var overflow = 0
  private let limit: Int
  private var numbers: [LogPattern: Int] = [:]
  private var reader: LineReader
  private var cache = PatternCache()

  /// Starts without patterns.
  ///
  /// - Parameter limit: Patterns at most.
  /// - Precondition: `limit` is positive.
  public init(limit: Int, rules: LogMaskRules = LogMaskRules()) {
    precondition(limit > 0 && limit <= Int32.max, "limit \(limit)")
    self.limit = limit
    reader = LineReader(rules: rules)
  }

  /// The number of the pattern of a line in UTF-8; nil for one beyond the limit, which is counted.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public mutating func number(of line: Span<UInt8>, fallback: LogLevel = .unknown) -> Int? {
    reader.read(line, fallback: fallback)
    let level = reader.level
    let hash = hashOf(reader.pattern, seed: UInt64(level.rawValue))
    let place = cache.place(of: reader.pattern, hash, level)
    if let entry = cache[place] { return Int(entry.number) }
    let pattern = LogPattern(text: reader.text, level: level)
    guard let number = numbers[pattern] ?? addition(of: pattern) else {
      overflow += 1
      return nil
    }
    let copy = reader.copy
    cache.set(place, copy.span, hash, level, number: Int32(number), stamp: 0)
    return number
  }

  private mutating func addition(of pattern: LogPattern) -> Int? {
    guard patterns.count < limit else { return nil }
    numbers[pattern] = patterns.count
    patterns.append(pattern)
    return patterns.count - 1
  }
}
