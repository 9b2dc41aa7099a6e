internal import Telemetry

/// Finds the template of a pattern among templates that no longer change.
struct TemplateIndex: Sendable {
  private var words: [TemplateWords] = []
  /// Templates by what they never differ in, the most specific first, of equally specific ones in
  /// their order.
  private var groups: [UInt64: [Int]] = [:]

  init(_ templates: [LogTemplate]) {
    words = templates.map { TemplateWords($0.tokens, level: $0.level) }
    for index in words.indices { groups[words[index].group, default: []].append(index) }
    let openness = words.map { $0.openness }
    for group in groups.keys {
      groups[group]?.sort { (openness[$0], $0) < (openness[$1], $1) }
    }
  }

  /// The most specific template that covers a pattern; nil for a pattern unlike all of them.
  func match(_ pattern: LogPattern) -> Int? {
    let wanted = TemplateWords(templateTokens(of: pattern.text), level: pattern.level)
    return groups[wanted.group]?.first { words[$0].covers(wanted) }
  }
}
