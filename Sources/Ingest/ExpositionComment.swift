internal import Telemetry

/// What a line of metadata says.
enum ExpositionComment {
  /// `# TYPE family type`.
  case type(family: String, ExpositionType)
  /// `# UNIT family unit`, which only OpenMetrics has.
  case unit
  /// `# EOF`.
  case end
  /// A help text, a type that says nothing, or a comment.
  case other

  /// Reads a line that begins with `#`.
  init(_ text: ArraySlice<UInt8>) {
    self = .other
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let words = text.split(maxSplits: 2, whereSeparator: isBlank)
    guard words.count >= 2, words[0].count == 1 else { return }
    switch String(decoding: words[1], as: UTF8.self) {
    case "EOF" where words.count == 2: self = .end
    case "UNIT" where words.count == 3: self = .unit
    case "TYPE" where words.count == 3:
      // The type is the last word, and has no blanks; a quoted family may.
      var rest = trimmed(words[2])
      guard let blank = rest.lastIndex(where: isBlank),
        let type = ExpositionType(rawValue: String(decoding: rest[(blank + 1)...], as: UTF8.self))
      else { return }
      rest = trimmed(rest[..<blank])
      guard let first = rest.first else { return }
      guard first == 0x22 else {
        self = .type(family: String(decoding: rest, as: UTF8.self), type)
        return
      }
      guard let family = takeQuoted(&rest, isGo: false), rest.isEmpty else { return }
      self = .type(family: family, type)
    default: break
    }
  }
}

/// The types of families that say how their samples behave; `unknown` and `untyped` do not.
enum ExpositionType: String {
  case counter, gauge, histogram, summary, info
  case gaugeHistogram = "gaugehistogram"
  case stateSet = "stateset"

  /// Whether a family may have samples that say when it was made.
  var hasCreated: Bool { self == .counter || self == .histogram || self == .summary }

  /// The names of a family's samples, and what each is.
  func samples(of family: String) -> [(name: String, kind: MetricKind)] {
    switch self {
    // Prometheus's format has the suffix in the family's name already.
    case .counter:
      family.hasSuffix("_total")
        ? [(family, .counter)] : [(family, .counter), ("\(family)_total", .counter)]
    case .histogram:
      ["_bucket", "_sum", "_count"].map { (family + $0, .counter) }
    // Quantiles have the name of the family.
    case .summary:
      [(family, .gauge), ("\(family)_sum", .counter), ("\(family)_count", .counter)]
    case .gaugeHistogram:
      ["_bucket", "_gsum", "_gcount"].map { (family + $0, .gauge) }
    case .info: [(family, .gauge), ("\(family)_info", .gauge)]
    case .stateSet: [(family, .state)]
    case .gauge: [(family, .gauge)]
    }
  }
}
