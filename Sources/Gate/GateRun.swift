public import Diagnostics
internal import Evaluation
public import Pipeline
public import Registry
internal import Report
internal import Scoring
public import Signing
internal import Storage
public import Telemetry

/// A model with the artifact that it was read from.
public struct GateSide: Sendable {
  /// What it is called in reports.
  public var reference: String
  /// The model.
  public var model: TrainedModel
  /// Its artifact, whose digests have been checked.
  public var artifact: Artifact
  /// The signatures beside it, whoever made them.
  public var signatures: [SignatureBundle]
  /// The name it is registered under; nil outside of a registry.
  public var registeredName: String?

  /// Makes a side.
  public init(
    reference: String, model: TrainedModel, artifact: Artifact,
    signatures: [SignatureBundle] = [], registeredName: String? = nil
  ) {
    (self.reference, self.model, self.artifact) = (reference, model, artifact)
    (self.signatures, self.registeredName) = (signatures, registeredName)
  }

  /// Finds, verifies and reads a model.
  ///
  /// - Parameter trust: Whose signatures it needs to be read at all; nil for none.
  /// - Throws: As `ModelReference.load` and `ModelArtifact.read`.
  public init(
    loading reference: String, from stores: StoreCatalogue, trust: TrustPolicy?
  ) async throws {
    let loaded = try await ModelReference(parsing: reference).load(from: stores, trust: trust)
    let (model, artifact) = try ModelArtifact.read(loaded, source: reference)
    self.init(
      reference: reference, model: model, artifact: artifact, signatures: loaded.signatures,
      registeredName: loaded.registered?.name)
  }

  var title: String { "\(reference) (sha256:\(artifact.digest.prefix(12)))" }
}

/// Decides whether a candidate may take the champion's place.
///
/// Candidate and baseline are scored anew on the same data, over a time that neither has seen, and
/// compared in pairs: incidents are drawn again for both alike. A figure passes where even the bad end
/// of the interval of its difference is within the tolerance, is a regression where it is worse by more
/// than that and the interval leaves no doubt that it is worse, and is inconclusive otherwise. So in one
/// figure at most one of two models can be a regression beside the other.
public struct GateRun: Sendable {
  let policy: GatePolicy
  let trust: TrustPolicy?
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a gate.
  ///
  /// - Parameters:
  ///   - trust: Whose signatures models are read with; what a policy means that requires signatures
  ///     without saying whose.
  ///   - threads: Services scored at once; results do not depend on it.
  public init(
    _ policy: GatePolicy, trust: TrustPolicy? = nil, threads: Int,
    progress: @escaping ProgressSink
  ) {
    (self.policy, self.trust) = (policy, trust)
    (self.threads, self.progress) = (threads, progress)
  }

  /// Compares.
  ///
  /// - Parameter baseline: The champion; nil where there is none yet, so that only the candidate's own
  ///   figures count.
  /// - Throws: `GateError.noSigners` where signatures are required and nothing says whose; what scoring and evaluation throw for data that does not fit the models.
  public func callAsFunction(
    candidate: GateSide, baseline: GateSide?, dataset: Dataset
  ) async throws -> GateResult {
    var findings = try signature(candidate) + goldenSample(candidate)
    findings += expiry(candidate, dataset) + budgets(candidate)
    do {
      let test = try await CommonTest(
        candidate: candidate.model, baseline: baseline?.model, dataset: dataset, threads: threads,
        progress: progress)
      findings += enoughIncidents(test)
      findings += lostServices(candidate, baseline)
      findings += floors(test.candidate)
      findings += try tolerances(test)
      findings += slices(test)
    } catch let error as GateError {
      findings.append(GateFinding("common test", .invalid, error.description))
    } catch let error as EvaluationError {
      findings.append(GateFinding("common test", outcome(of: error), error.description))
    }
    findings += try await drift(candidate.model, dataset)
    findings += try latency(candidate.model, dataset)
    return GateResult(
      candidate: candidate.title, baseline: baseline?.title, findings: findings)
  }

  /// Without an incident nothing can be said; everything else is wrong with the data.
  private func outcome(of error: EvaluationError) -> GateOutcome {
    switch error {
    case .noIncidentInTest, .noScoredIncident: .inconclusive
    default: .invalid
    }
  }

  private func goldenSample(_ candidate: GateSide) throws -> [GateFinding] {
    let name = "golden sample"
    guard let file = candidate.artifact.files.first(where: { $0.path == GoldenSample.file }) else {
      return policy.needsGoldenSample
        ? [
          GateFinding(
            name, .integrity,
            "the artifact has none, and the policy asks for one; train it with 'autopilot run' or 'retrain', or "
              + "set golden_sample: false for a model whose calibration ends without a score")
        ] : []
    }
    do {
      let check = try GoldenSample.check(
        file.bytes, against: candidate.model, source: "\(candidate.reference)/\(GoldenSample.file)")
      return [
        GateFinding(
          name, check.isEqual ? .passed : .integrity,
          check.isEqual
            ? "\(check.scores) scores come out as they were"
            : "scores differ by \(number(check.largestDifference)) in \(check.place): this program or "
              + "machine does not score as the one that trained it",
          candidate: check.largestDifference)
      ]
    } catch let error as StorageError {
      return [GateFinding(name, .integrity, error.description)]
    }
  }

  private func budgets(_ candidate: GateSide) -> [GateFinding] {
    guard let limit = policy.artifactBytes else { return [] }
    let size = candidate.artifact.files.reduce(0) { $0 + $1.bytes.count }
    return [
      GateFinding(
        "artifact size", size <= limit ? .passed : .regression,
        "\(size) bytes, allowed are \(limit)", candidate: Double(size))
    ]
  }

  private func enoughIncidents(_ test: CommonTest) -> [GateFinding] {
    let count = test.result.counts.incidents
    return [
      GateFinding(
        "incidents", count >= policy.leastIncidents ? .passed : .inconclusive,
        "\(count) in the common test time"
          + (count >= policy.leastIncidents ? "" : ", \(policy.leastIncidents) are needed"),
        candidate: Double(count))
    ]
  }

  /// A service that nobody watches any more has no figures that could be worse.
  private func lostServices(_ candidate: GateSide, _ baseline: GateSide?) -> [GateFinding] {
    guard let baseline else { return [] }
    let lost = Set(baseline.model.scoring.services)
      .subtracting(candidate.model.scoring.services).sorted()
    return [
      GateFinding(
        "services", lost.isEmpty ? .passed : .regression,
        lost.isEmpty
          ? "all that the baseline scores"
          : "no longer scored: \(lost.prefix(8).joined(separator: ", "))\(lost.count > 8 ? " and others" : "")"
      )
    ]
  }

  private func drift(_ model: TrainedModel, _ dataset: Dataset) async throws -> [GateFinding] {
    guard let limits = policy.drift else { return [] }
    let drifted = try await metricDrift(model, dataset, threads: threads)
    guard let worst = drifted.first else {
      return [
        GateFinding(
          "drift", .invalid,
          "no metric has values both in training and in test time: the data does not "
            + "hold both")
      ]
    }
    let beyond = drifted.count {
      $0.stabilityIndex >= limits.stabilityIndex || $0.kolmogorovSmirnov >= limits.kolmogorovSmirnov
    }
    let share = Double(beyond) / Double(drifted.count)
    return [
      GateFinding(
        "drift", share <= limits.share ? .passed : .invalid,
        "\(beyond) of \(drifted.count) metrics are beyond PSI \(number(limits.stabilityIndex)) or KS "
          + "\(number(limits.kolmogorovSmirnov)), most \(worst.service)/\(worst.metric) with PSI "
          + "\(number(worst.stabilityIndex))"
          + (share <= limits.share
            ? "" : ": the test time is not like the training time; train on newer data"),
        candidate: share)
    ]
  }

  private func latency(_ model: TrainedModel, _ dataset: Dataset) throws -> [GateFinding] {
    guard let limit = policy.microsecondsPerRow else { return [] }
    let frames = dataset.services.filter { model.scoring.services.contains($0.service) }.prefix(4)
    let grid = TimeGrid(
      first: dataset.grid.first, interval: dataset.grid.interval,
      count: min(dataset.grid.count, 2_000))
    guard !frames.isEmpty, grid.count > 0 else { return [] }
    // The best of three, so that a neighbour's burst does not decide.
    let clock = ContinuousClock()
    let best =
      (0..<3).map { _ in
        clock.measure {
          for frame in frames { _ = model.scoring.scores(of: frame, grid: grid) }
        }
      }.min() ?? .zero
    let micros =
      (Double(best.components.seconds) * 1e6 + Double(best.components.attoseconds) * 1e-12)
      / Double(grid.count * frames.count)
    return [
      GateFinding(
        "latency", micros <= limit ? .passed : .regression,
        "\(number(micros)) microseconds a row, allowed are \(number(limit))", candidate: micros)
    ]
  }
}

/// A number with three digits that count.
func number(_ value: Double) -> String {
  guard value != 0 else { return "0" }
  guard value.isFinite else { return "\(value)" }
  let digits = max(0, 2 - Int(logTen(abs(value))))
  var power = 1.0
  for _ in 0..<min(digits, 12) { power *= 10 }
  let text = "\((value * power).rounded() / power)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

private func logTen(_ value: Double) -> Int {
  var (value, exponent) = (value, 0)
  while value >= 10 { (value, exponent) = (value / 10, exponent + 1) }
  while value < 1 { (value, exponent) = (value * 10, exponent - 1) }
  return exponent
}
