public import Diagnostics
public import Storage

/// How a gate, or one of its checks, ends; the worst decides.
public enum GateOutcome: String, Sendable, CaseIterable, Comparable {
  /// As good as it has to be.
  case passed
  /// The data does not say.
  case inconclusive
  /// Worse than allowed.
  case regression
  /// The data or the models do not allow a comparison.
  case invalid
  /// The candidate is not what it says it is.
  case integrity

  private var rank: Int {
    switch self {
    case .passed: 0
    case .inconclusive: 1
    case .regression: 2
    case .invalid: 3
    case .integrity: 4
    }
  }

  /// Whether an outcome weighs less.
  public static func < (a: GateOutcome, b: GateOutcome) -> Bool { a.rank < b.rank }

  /// The exit code of the command.
  public var exitCode: Int32 {
    switch self {
    case .passed: 0
    case .regression: 2
    case .inconclusive: 3
    case .invalid: 4
    case .integrity: 5
    }
  }
}

/// What one check of a gate found.
public struct GateFinding: Hashable, Sendable {
  /// What was checked, such as `tolerance recall` or `slice kind=cpu`.
  public var check: String
  /// How it ended.
  public var outcome: GateOutcome
  /// One sentence with the figures.
  public var text: String
  /// The candidate's value, where there is one.
  public var candidate: Double?
  /// The baseline's.
  public var baseline: Double?

  /// Makes a finding.
  public init(
    _ check: String, _ outcome: GateOutcome, _ text: String, candidate: Double? = nil,
    baseline: Double? = nil
  ) {
    (self.check, self.outcome, self.text) = (check, outcome, text)
    (self.candidate, self.baseline) = (candidate, baseline)
  }
}

/// What a gate found.
public struct GateResult: Hashable, Sendable {
  /// The candidate and the baseline by name and digest; no baseline where there is no champion yet.
  public var candidate: String, baseline: String?
  /// The checks in their order.
  public var findings: [GateFinding]

  /// Makes a result.
  public init(candidate: String, baseline: String?, findings: [GateFinding]) {
    (self.candidate, self.baseline, self.findings) = (candidate, baseline, findings)
  }

  /// The worst outcome of a check.
  public var outcome: GateOutcome { findings.map(\.outcome).max() ?? .invalid }

  /// The result as a document.
  public func json() -> JSONValue {
    [
      "format": "autopilotops.gate/1", "outcome": .string(outcome.rawValue),
      "exit_code": .integer(Int(outcome.exitCode)), "candidate": .string(candidate),
      "baseline": baseline.map(JSONValue.string) ?? .null,
      "checks": .array(
        findings.map {
          [
            "check": .string($0.check), "outcome": .string($0.outcome.rawValue),
            "text": .string($0.text), "candidate": $0.candidate.map(JSONValue.number) ?? .null,
            "baseline": $0.baseline.map(JSONValue.number) ?? .null,
          ]
        }),
    ]
  }
}
