/// Where the series of a line ends: behind the closing brace of its labels, or behind its name when
/// it has none. Nil when there is neither.
func seriesEnd(in text: ArraySlice<UInt8>) -> Int? {
  let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
  let nameEnd = text.firstIndex { isBlank($0) || $0 == 0x7B } ?? text.endIndex
  let next = text[nameEnd...].firstIndex { !isBlank($0) }
  guard let open = next, text[open] == 0x7B, opensLabels(text[open...]) else {
    return nameEnd > text.startIndex && nameEnd < text.endIndex ? nameEnd : nil
  }
  var (index, isQuoted) = (open + 1, false)
  while index < text.endIndex {
    switch text[index] {
    case 0x5C where isQuoted: index += 1
    case 0x22: isQuoted.toggle()
    case 0x7D where !isQuoted: return index + 1
    default: break
    }
    index += 1
  }
  return nil
}

/// Whether a brace opens labels, and not a native histogram such as `{count:1, sum:2}`.
private func opensLabels(_ text: ArraySlice<UInt8>) -> Bool {
  text.first { $0 == 0x3D || $0 == 0x22 || $0 == 0x3A || $0 == 0x7D } != 0x3A
}

/// The labels of `name{a="b"}`, `{__name__="name", a="b"}` or `{"name", a="b"}`, the name as
/// `__name__`; nil when the text is none of them, has a label twice, or more than 1000 labels or a
/// MiB of them.
///
/// - Parameter isGo: Whether values are quoted as Go does it, with escapes for all that is not
///   printable. Both formats know `\\`, `\"` and `\n` alone, and keep any other backslash.
func expositionLabels(_ text: ArraySlice<UInt8>, isGo: Bool) -> [String: String]? {
  guard text.count <= 1 << 20 else { return nil }
  guard let open = text.firstIndex(of: 0x7B) else {
    return isName(text) ? ["__name__": String(decoding: text, as: UTF8.self)] : nil
  }
  guard text.last == 0x7D else { return nil }
  var labels: [String: String] = [:]
  let name = trimmed(text[..<open])
  if !name.isEmpty {
    guard isName(name) else { return nil }
    labels["__name__"] = String(decoding: name, as: UTF8.self)
  }
  var rest = trimmed(text[(open + 1)..<(text.endIndex - 1)])
  while !rest.isEmpty {
    guard takeLabel(&rest, isGo: isGo, into: &labels), labels.count <= 1000 else { return nil }
    rest = trimmed(rest)
    if rest.first == 0x2C {
      rest = trimmed(rest.dropFirst())
    } else if !rest.isEmpty {
      return nil
    }
  }
  return labels.isEmpty ? nil : labels
}

/// Takes `label="value"`, `"label"="value"` or a quoted name. An empty value is no label at all.
private func takeLabel(
  _ rest: inout ArraySlice<UInt8>, isGo: Bool, into labels: inout [String: String]
) -> Bool {
  let label: String
  if rest.first == 0x22 {
    guard let text = takeQuoted(&rest, isGo: isGo) else { return false }
    rest = trimmed(rest)
    guard rest.first == 0x3D else {
      return labels.updateValue(text, forKey: "__name__") == nil
    }
    label = text
  } else {
    guard let equals = rest.firstIndex(of: 0x3D) else { return false }
    let name = trimmed(rest[..<equals])
    guard isName(name) else { return false }
    label = String(decoding: name, as: UTF8.self)
    rest = rest[equals...]
  }
  rest = trimmed(rest.dropFirst())
  guard rest.first == 0x22, let value = takeQuoted(&rest, isGo: isGo), labels[label] == nil else {
    return false
  }
  if !value.isEmpty { labels[label] = value }
  return true
}

/// Whether a text may name a metric or label without quotation marks. Dumps leave them out even
/// where a name has points or other characters that the formats would quote.
private func isName(_ text: ArraySlice<UInt8>) -> Bool {
  guard let first = text.first, !(0x30...0x39).contains(first) else { return false }
  return text.allSatisfy { $0 > 0x20 && ![0x22, 0x23, 0x2C, 0x3D, 0x5C, 0x7B, 0x7D].contains($0) }
}

/// Bytes without blanks, tabs and carriage returns at their ends.
func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  guard let first = bytes.firstIndex(where: { !isBlank($0) }),
    let last = bytes.lastIndex(where: { !isBlank($0) })
  else { return bytes[bytes.endIndex...] }
  return bytes[first...last]
}
