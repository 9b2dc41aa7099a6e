public import Telemetry

/// Finds the templates of lines among those of a dictionary and learns nothing, for serving.
///
/// It remembers patterns it has seen, in bounded memory; the answers do not depend on it.
public struct TemplateMatcher: Sendable {
  /// The templates.
  public let dictionary: TemplateDictionary
  /// Lines seen.
  public private(set) var lines = 0
  /// Lines of no known template.
  public private(set) var unknown = 0
  private var reader: LineReader
  private var cache = PatternCache()

  /// Starts with nothing counted.
  public init(_ dictionary: TemplateDictionary) {
    self.dictionary = dictionary
    reader = LineReader(rules: dictionary.rules)
  }

  /// The share of lines of no known template, from 0 to 1; NaN before the first line.
  public var unknownRate: Double { Double(unknown) / Double(lines) }

  /// The number of the template of a line in UTF-8; nil for a line unlike all that were mined.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public mutating func match(line: Span<UInt8>, fallback: LogLevel = .unknown) -> Int? {
    reader.read(line, fallback: fallback)
    let level = reader.level
    let hash = hashOf(reader.pattern, seed: UInt64(level.rawValue))
    let place = cache.place(of: reader.pattern, hash, level)
    let number: Int
    if let entry = cache[place] {
      number = Int(entry.number)
    } else {
      number = dictionary.match(LogPattern(text: reader.text, level: level)) ?? -1
      let pattern = reader.copy
      cache.set(place, pattern.span, hash, level, number: Int32(number), stamp: 0)
    }
    lines += 1
    guard number >= 0 else {
      unknown += 1
      return nil
    }
    return number
  }
}
