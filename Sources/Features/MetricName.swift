/// A metric column's name taken apart: `http_requests_total{code="500"}`.
struct MetricName {
  /// The part before the labels.
  let base: String
  /// The labels as text; equal text means equal labels.
  let labelText: String
  /// Label values by name.
  let labels: [String: String]

  init(_ column: String) {
    guard let open = column.firstIndex(of: "{"), column.last == "}" else {
      (base, labelText, labels) = (column, "", [:])
      return
    }
    base = String(column[..<open])
    labelText = String(column[open...])
    labels = Self.parse(column[column.index(after: open)...].dropLast())
  }

  private static func parse(_ text: Substring) -> [String: String] {
    var labels: [String: String] = [:]
    var rest = text
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].drop { $0 == "," || $0 == " " }
      rest = rest[equals...].dropFirst()
      guard rest.first == "\"" else { break }
      rest = rest.dropFirst()
      var value = ""
      while let character = rest.popFirst(), character != "\"" {
        value.append(character == "\\" ? rest.popFirst() ?? character : character)
      }
      labels[String(name)] = value
    }
    return labels
  }

  /// Labels that carry the status of a request.
  private static let statusLabels = [
    "code", "status", "status_code", "http_status", "response_code", "http_response_code",
    "outcome", "result",
  ]
  private static let failures: Set<String> = ["error", "failed", "failure", "server_error"]

  /// Whether the labels call what is counted a failure; nil when they do not say.
  var isFailure: Bool? {
    for label in Self.statusLabels {
      guard let value = labels[label]?.lowercased() else { continue }
      return Self.failures.contains(value) || (value.count == 3 && value.first == "5")
    }
    return nil
  }

  private var words: [String] { base.split(separator: "_").map(String.init) }

  /// The bases that would count all of what this one counts the failures of, if it does.
  var basesOfAll: [String] {
    let failureWords: Set<String> = ["errors", "error", "failures", "failed"]
    guard let index = words.firstIndex(where: failureWords.contains) else { return [] }
    var replaced = words
    replaced[index] = "requests"
    var removed = words
    removed.remove(at: index)
    return [replaced, removed].map { $0.joined(separator: "_") }
  }

  private static let limitWords: Set<String> = ["limit", "limits", "max", "capacity", "quota"]
  private static let levelWords: Set<String> = [
    "usage", "used", "open", "current", "active", "working", "set", "spec", "in", "use",
  ]
  /// Words of metrics whose largest value is no limit.
  private static let unlimitedWords: Set<String> = ["seconds", "duration", "latency", "time"]

  /// Whether the metric is the limit of others.
  var isLimit: Bool {
    words.contains(where: Self.limitWords.contains)
      && !words.contains(where: Self.unlimitedWords.contains)
  }

  /// What a level and its limit have in common: their other words and their labels.
  var resource: String {
    words.filter { !Self.limitWords.contains($0) && !Self.levelWords.contains($0) }
      .joined(separator: "_") + labelText
  }
}
