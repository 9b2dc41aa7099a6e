internal import Telemetry

/// How much may be left out of what is read before the dataset is refused.
///
/// A share is of samples and log lines, of which a row that is left out has one for each of its
/// metrics; a number is of items as the report counts them. Not counted, unless a reason is named, is
/// what the user asked to leave out (`outside_range`, `incident_outside_range`) and what is there twice
/// (`duplicate_timestamp` with the same value, `repeated_line`, `link_to_known_file`): nothing is lost
/// with them.
public struct DefectBudget: Hashable, Sendable {
  /// An upper limit.
  public enum Allowance: Hashable, Sendable {
    /// Of the samples and log lines read, from 0 to 1.
    case share(Double)
    /// Items.
    case count(Int)

    /// Reads `1%`, `0.5 %` or a number of items; nil for anything else.
    public init?(_ text: some StringProtocol) {
      let text = text.trimmingBlanks
      if text.hasSuffix("%") {
        guard let percent = Double(text.dropLast().trimmingBlanks), (0...100).contains(percent)
        else { return nil }
        self = .share(percent / 100)
      } else {
        guard let count = Int(text), count >= 0 else { return nil }
        self = .count(count)
      }
    }

    /// Whether it is exceeded by items that were left out.
    ///
    /// - Parameters:
    ///   - samples: What the items held: samples and log lines.
    ///   - total: The samples and log lines that were read.
    func isExceeded(by items: Int, samples: Int, of total: Int) -> Bool {
      switch self {
      case .share(let share): Double(samples) > share * Double(max(samples, total))
      case .count(let count): items > count
      }
    }
  }

  private static let harmless: Set<String> = [
    "duplicate_timestamp", "repeated_line", "link_to_known_file", "outside_range",
    "incident_outside_range",
  ]

  /// For all reasons together; nil for no limit.
  public var total: Allowance?
  /// For single reasons by their words in the report, such as `bad_time`.
  public var reasons: [String: Allowance]

  /// Makes a budget; without arguments it has no limits.
  public init(total: Allowance? = nil, reasons: [String: Allowance] = [:]) {
    (self.total, self.reasons) = (total, reasons)
  }

  /// What holds unless something else is said: a tenth of what is read.
  public static let standard = DefectBudget(total: .share(0.1))

  /// Adds an entry as people write it: `1%`, `200`, `none`, `bad_time=0` or `bad_time=none`.
  ///
  /// - Returns: False for a text of another form.
  public mutating func add(_ entry: String) -> Bool {
    let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
    guard let last = parts.last, parts.count <= 2 else { return false }
    let allowance = Allowance(last)
    guard allowance != nil || last.trimmingBlanks == "none" else { return false }
    if parts.count == 1 {
      total = allowance
      return true
    }
    let reason = parts[0].trimmingBlanks
    guard !reason.isEmpty else { return false }
    // One without a limit is out of the total as well.
    reasons[reason] = allowance ?? .count(.max)
    return true
  }

  /// What to hold against a report: the allowance that is exceeded, and by which reasons; nil when
  /// none is.
  ///
  /// - Parameter further: By reason, how many more samples than items were left out.
  func violation(
    by report: IngestReport, _ further: [String: Int]
  ) -> (reasons: Set<String>, allowed: Allowance)? {
    var counts: [String: Int] = [:]
    for defect in report.defects where defect.effect == .skipped {
      counts[defect.reason, default: 0] += defect.count
    }
    let total = report.samples + report.logLines
    let isExceeded = { (allowance: Allowance, reasons: Set<String>) in
      let items = reasons.reduce(0) { $0 + (counts[$1] ?? 0) }
      let samples = reasons.reduce(items) { $0 + (further[$1] ?? 0) }
      return allowance.isExceeded(by: items, samples: samples, of: total)
    }
    for (reason, allowance) in reasons.sorted(by: { $0.key < $1.key })
    where isExceeded(allowance, [reason]) {
      return ([reason], allowance)
    }
    let rest = Set(counts.keys).subtracting(Self.harmless).subtracting(reasons.keys)
    guard let allowance = self.total, isExceeded(allowance, rest) else { return nil }
    return (rest, allowance)
  }
}

extension DefectBudget.Allowance: CustomStringConvertible {
  /// As `init(_:)` reads it.
  public var description: String {
    switch self {
    case .share(let share):
      // 0.07 × 100 is not 7.
      "\((share * 1e6).rounded() / 1e4)%".replacing(".0%", with: "%")
    case .count(let count): "\(count)"
    }
  }
}
