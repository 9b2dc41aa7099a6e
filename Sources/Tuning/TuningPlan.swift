/// How trials are chosen and given resources.
public enum TuningMethod: String, Sendable, CaseIterable {
  /// Every trial has all resources.
  case random
  /// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and
  /// hyperparameter optimization", AISTATS 2016): all trials have few resources, the best third of
  /// them three times as many, and so on.
  case halving
}

/// What makes one trial better than another, measured on the ensemble.
public enum TuningObjective: String, Sendable, CaseIterable {
  /// Volume under the precision-recall surface.
  case vusPR = "vus_pr"
  /// Average precision.
  case averagePrecision = "average_precision"
  /// The harmonic mean of the share of incidents found and of alarms that were right.
  case eventF1 = "event_f1"
}

/// What a search does.
public struct TuningPlan: Hashable, Sendable {
  /// Configurations to try, the given one among them as the first.
  public var trials = 20
  /// How they are given resources.
  public var method = TuningMethod.random
  /// What is wanted.
  public var objective = TuningObjective.vusPR
  /// False alarms per service and day that a trial may raise; those with more rank behind.
  public var budget = 1.0
  /// The part of the fit time that trials are judged on.
  public var validation = 0.4
  /// Start of what is drawn.
  public var seed: UInt64 = 0
  /// Bytes that trials under way together may take.
  public var memory = 4 << 30

  /// By how much halving reduces trials and raises resources.
  static let reduction = 3
  /// The most steps of halving before the one with all resources.
  static let mostSteps = 2

  /// The default plan.
  public init() {}

  /// The shares of the resources that trials have, one step after the other, the last one all.
  package var shares: [Double] {
    guard method == .halving else { return [1] }
    var (steps, left) = (0, trials)
    while steps < Self.mostSteps, left >= Self.reduction {
      left = (left + Self.reduction - 1) / Self.reduction
      steps += 1
    }
    return (0...steps).reversed().map { step in
      1 / (0..<step).reduce(1.0) { share, _ in share * Double(Self.reduction) }
    }
  }

  /// How many trials take part in each step.
  package var counts: [Int] {
    var counts = [trials]
    for _ in shares.dropFirst() {
      counts.append((counts[counts.count - 1] + Self.reduction - 1) / Self.reduction)
    }
    return counts
  }
}
