public import Telemetry

/// A part of a line that its template leaves open.
public struct LogParameter: Hashable, Sendable {
  /// The name of the rule that masked it; nil for built-in rules and for words that were not masked.
  public let name: String?
  /// The text in the line; bytes that are not UTF-8 are replaced.
  public let text: String
  /// The word of the template that it belongs to, from 0.
  public let word: Int
}

extension TemplateDictionary {
  /// The template of a line in UTF-8, and what stands in the line where the template is open, in the
  /// order of the line; nil for a line unlike all that were mined.
  ///
  /// Of a JSON object the message is looked at. A list that one wildcard stands for is one value.
  ///
  /// - Parameter fallback: The severity when the line itself names none, such as its stream's label.
  public func parameters(
    of line: [UInt8], fallback: LogLevel = .unknown
  ) -> (template: Int, values: [LogParameter])? {
    var reader = LineReader(rules: rules, isTracing: true)
    reader.read(line.span, fallback: fallback)
    guard let number = match(LogPattern(text: reader.text, level: reader.level)) else { return nil }
    let pattern = reader.copy
    var values: [LogParameter] = []
    let words = pattern.split(separator: 0x20)
    for (index, (token, word)) in zip(templates[number].tokens, words).enumerated() {
      values += parameters(in: word, token, index, reader.trace)
    }
    return (number, values)
  }

  private func parameters(
    in word: ArraySlice<UInt8>, _ token: String, _ index: Int, _ trace: LineReader.Trace
  ) -> [LogParameter] {
    func parameter(_ marks: some BidirectionalCollection<LineMasker.Mark>) -> LogParameter? {
      guard let first = marks.first, let last = marks.last else { return nil }
      let bytes = trace.text[first.source.lowerBound..<last.source.upperBound]
      return LogParameter(
        name: marks.count == 1 ? first.rule.map { rules.named[$0].name } : nil,
        text: String(decoding: bytes, as: UTF8.self), word: index)
    }
    let marks = trace.marks.filter { word.indices.contains($0.output) }
    if token.utf8.elementsEqual(word) {
      return marks.filter { $0.isMasked }.compactMap { parameter([$0]) }
    }
    // The template says less than the pattern: all after the key, or the whole word.
    let key = token.utf8.count - LogMask.wildcard.utf8.count
    return [parameter(marks.filter { $0.output >= word.startIndex + key })].compactMap { $0 }
  }
}
