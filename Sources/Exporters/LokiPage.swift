internal import Storage
internal import Telemetry
internal import Transport

/// A line with its stream.
package struct LokiEntry: Hashable, Sendable {
  /// Nanoseconds since 1970.
  package var time: Int64
  /// The stream's labels as canonical JSON.
  package var labels: String
  /// Its text.
  package var line: String

  package init(time: Int64, labels: String, line: String) {
    (self.time, self.labels, self.line) = (time, labels, line)
  }

  /// The entry as `logcli --output=jsonl` writes it, with a line end.
  var jsonLine: String {
    "{\"labels\":\(labels),\"line\":\(JSONValue.string(line).text()),"
      + "\"timestamp\":\"\(instant(nanoseconds: time))\"}\n"
  }
}

/// An answer with log lines.
package struct LokiPage: Sendable {
  /// The lines in the order of time; those of one instant by stream, in the order of the answer.
  package private(set) var entries: [LokiEntry] = []
  private(set) var warnings: [String] = []

  /// - Throws: `StorageError` for another form, `ExportError.unexpectedAnswer` for another result.
  package init(_ answer: Answer) throws {
    var reader = JSONReader(answer.text, source: answer.url)
    var (status, resultType): (String?, String?) = (nil, nil)
    try reader.object { key, reader in
      switch key {
      case "status": status = try reader.string()
      case "warnings": try reader.array { warnings.append(firstLine(try $0.string())) }
      case "data":
        try reader.object { key, reader in
          switch key {
          case "resultType": resultType = try reader.string()
          // A metric query's result has other members; its type says so.
          case "result" where resultType == nil || resultType == "streams":
            try reader.array { try stream(&$0) }
          default: try reader.skip()
          }
        }
      default: try reader.skip()
      }
    }
    try reader.expectEnd()
    guard status == "success", resultType == "streams" else {
      throw ExportError.unexpectedAnswer(
        url: answer.url,
        reason: "answered with status '\(firstLine(status ?? "none"))' and result type "
          + "'\(firstLine(resultType ?? "none"))', not with log lines; metric queries go to "
          + "'export prometheus'")
    }
    let order = entries.enumerated().sorted {
      ($0.element.time, $0.element.labels, $0.offset)
        < ($1.element.time, $1.element.labels, $1.offset)
    }
    entries = order.map(\.element)
  }

  private mutating func stream(_ reader: inout JSONReader) throws {
    var labels: JSONValue?
    var values: [(time: Int64, line: String)] = []
    try reader.object { key, reader in
      switch key {
      case "stream": labels = try reader.value()
      case "values":
        try reader.array { reader in
          try reader.expect("[")
          let text = try reader.string()
          guard let time = Int64(text) else {
            throw reader.error("'\(firstLine(text))' is not a number of nanoseconds since 1970")
          }
          try reader.expect(",")
          values.append((time, try reader.string()))
          // Structured metadata comes here only for clients that ask for it; others find it among
          // the labels.
          while reader.take(",") { try reader.skip() }
          try reader.expect("]")
        }
      default: try reader.skip()
      }
    }
    guard case .object? = labels, let text = labels?.text() else {
      throw reader.error("expected a stream with its labels")
    }
    entries += values.map { LokiEntry(time: $0.time, labels: text, line: $0.line) }
  }
}

/// RFC 3339 in UTC with as many digits as the nanoseconds need.
func instant(nanoseconds: Int64) -> String {
  let billion: Int64 = 1_000_000_000
  var (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: billion)
  if rest < 0 { (whole, rest) = (whole - 1, rest + billion) }
  let text = Timestamp(seconds: whole).description
  guard rest != 0 else { return text }
  let digits = String(rest + billion).dropFirst()
  let end = digits.lastIndex { $0 != "0" } ?? digits.startIndex
  return "\(text.dropLast()).\(digits[...end])Z"
}
