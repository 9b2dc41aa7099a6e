/// Labels as PromQL writes a series, in the order of their names: `up{instance="a",job="b"}`.
func canonical(_ labels: [String: String]) -> String {
  seriesText(
    labels["__name__"] ?? "",
    labels.filter { $0.key != "__name__" }.sorted { $0.key < $1.key })
}

/// A name with labels in the given order.
func seriesText(_ name: String, _ labels: [(key: String, value: String)]) -> String {
  guard !labels.isEmpty else { return name }
  let pairs = labels.map { "\($0.key)=\"\(escaped($0.value))\"" }
  return "\(name){\(pairs.joined(separator: ","))}"
}

private func escaped(_ value: String) -> String {
  var text = ""
  for character in value.unicodeScalars {
    switch character {
    case "\\": text += "\\\\"
    case "\"": text += "\\\""
    case "\n": text += "\\n"
    default: text.unicodeScalars.append(character)
    }
  }
  return text
}

/// Reads a series as PromQL writes it, also without a name; a text of another form is a name without
/// labels.
func parseSeries(_ text: String) -> [String: String] {
  let bytes = Array(text.utf8)
  guard let open = bytes.firstIndex(of: 0x7B), bytes.last == 0x7D, bytes.count > 2 else {
    return ["__name__": text]
  }
  let name = String(decoding: bytes[..<open], as: UTF8.self).trimmingBlanks
  var labels = name.isEmpty ? [:] : ["__name__": name]
  var index = open + 1
  while index < bytes.count - 1 {
    guard let equals = bytes[index...].firstIndex(of: 0x3D), equals + 1 < bytes.count,
      bytes[equals + 1] == 0x22
    else { return ["__name__": text] }
    let name = String(decoding: bytes[index..<equals], as: UTF8.self)
    var value: [UInt8] = []
    index = equals + 2
    while index < bytes.count - 1, bytes[index] != 0x22 {
      if bytes[index] == 0x5C, index + 1 < bytes.count - 1 {
        index += 1
        value.append(bytes[index] == 0x6E ? 0x0A : bytes[index])
      } else {
        value.append(bytes[index])
      }
      index += 1
    }
    guard index < bytes.count - 1 else { return ["__name__": text] }
    index += 1
    labels[name.trimmingBlanks] = String(decoding: value, as: UTF8.self)
    while index < bytes.count - 1, bytes[index] == 0x2C || bytes[index] == 0x20 { index += 1 }
  }
  return labels
}

extension StringProtocol {
  /// The text without blanks, tabs and line ends at its ends.
  var trimmingBlanks: String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
    let bytes = Array(utf8)
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
