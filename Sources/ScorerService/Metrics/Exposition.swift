/// Text in the format that Prometheus reads.
struct Exposition {
  private static let prefix = "autopilotops_scorer_"
  private(set) var text = ""

  /// Adds one sample: labels without braces, and the value.
  typealias Add = (String, Double) -> Void

  mutating func gauge(_ name: String, _ help: String, _ samples: (Add) -> Void) {
    family(Self.prefix + name, "gauge", help, samples)
  }

  mutating func counter(_ name: String, _ help: String, _ samples: (Add) -> Void) {
    family(Self.prefix + name, "counter", help, samples)
  }

  mutating func process(_ name: String, _ type: String, _ help: String, _ value: Double) {
    family(name, type, help) { $0("", value) }
  }

  private mutating func family(
    _ name: String, _ type: String, _ help: String, _ samples: (Add) -> Void
  ) {
    var text = "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    samples { labels, value in
      text += labels.isEmpty ? name : "\(name){\(labels)}"
      text += " \(Self.number(value))\n"
    }
    self.text += text
  }

  mutating func histogram(
    _ name: String, _ help: String, _ histograms: [ScorerMetrics.Endpoint: Histogram]
  ) {
    let name = Self.prefix + name
    text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
    for (endpoint, histogram) in histograms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let label = "endpoint=\"\(endpoint.rawValue)\""
      let (counts, sum) = histogram.cumulative
      for (bound, count) in zip(Histogram.bounds.map { "\($0)" } + ["+Inf"], counts) {
        text += "\(name)_bucket{\(label),le=\"\(bound)\"} \(count)\n"
      }
      text += "\(name)_sum{\(label)} \(Self.number(sum))\n"
      text += "\(name)_count{\(label)} \(counts.last ?? 0)\n"
    }
  }

  /// A label's value as it stands between quotes.
  static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else {
      return value
    }
    return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int(exactly: value) { return String(whole) }
    return "\(value)"
  }
}
