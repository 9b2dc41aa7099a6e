/// A JSON document in memory, for the small documents that describe large data.
public enum JSONValue: Hashable, Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number. Not finite ones have no JSON form and are written as the strings Prometheus uses.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object; its members are written in ascending order of their keys.
  case object([String: JSONValue])

  /// Reads one document.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `StorageError.invalidJSON` with the byte that is wrong.
  public init(parsing bytes: [UInt8], source: String) throws {
    var reader = JSONReader(bytes, source: source)
    self = try reader.value()
    try reader.expectEnd()
  }

  /// The document's canonical text: keys sorted by their UTF-8 bytes, shortest numbers that read
  /// back the same, no blanks unless `indented`. Equal documents have equal bytes.
  public func text(indented: Bool = false) -> String {
    var output = ""
    write(to: &output, indentation: indented ? 0 : nil)
    if indented { output += "\n" }
    return output
  }

  private func write(to output: inout String, indentation: Int?) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .number(let value): output += jsonNumber(value)
    case .string(let value): writeQuoted(value, to: &output)
    case .array(let elements):
      let flat = elements.allSatisfy { $0.isScalar }
      let inner = flat ? nil : indentation.map { $0 + 1 }
      output += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { output += flat && indentation != nil ? ", " : "," }
        breakLine(&output, inner)
        element.write(to: &output, indentation: inner)
      }
      if !elements.isEmpty { breakLine(&output, flat ? nil : indentation) }
      output += "]"
    case .object(let members):
      let inner = indentation.map { $0 + 1 }
      output += "{"
      let ordered = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in ordered.enumerated() {
        if index > 0 { output += "," }
        breakLine(&output, inner)
        writeQuoted(member.key, to: &output)
        output += inner == nil ? ":" : ": "
        member.value.write(to: &output, indentation: inner)
      }
      if !members.isEmpty { breakLine(&output, indentation) }
      output += "}"
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }
}

private func breakLine(_ output: inout String, _ indentation: Int?) {
  guard let indentation else { return }
  output += "\n"
  output += String(repeating: "  ", count: indentation)
}

private func jsonNumber(_ value: Double) -> String {
  guard value.isFinite else {
    return value.isNaN ? "\"NaN\"" : value > 0 ? "\"+Inf\"" : "\"-Inf\""
  }
  if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
  return value.description
}

private func writeQuoted(_ text: String, to output: inout String) {
  output += "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": output += "\\\""
    case "\\": output += "\\\\"
    case "\n": output += "\\n"
    case "\r": output += "\\r"
    case "\t": output += "\\t"
    case let control where control.value < 0x20:
      let digits = String(control.value, radix: 16)
      output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: output.unicodeScalars.append(scalar)
    }
  }
  output += "\""
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; the last of equal keys counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }

  /// A 32-bit float as its own shortest decimal, which is shorter than that of the equal double and
  /// reads back as the same float.
  public static func float(_ value: Float) -> JSONValue {
    .number(value.isFinite ? Double(value.description) ?? Double(value) : Double(value))
  }

  /// A whole number.
  public static func integer(_ value: Int) -> JSONValue { .number(Double(value)) }
}
