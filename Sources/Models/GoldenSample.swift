internal import Detection
internal import Features
internal import IsolationForest
internal import Scoring
internal import Storage
public import Telemetry

/// A few rows of telemetry with the scores that a model gives them, kept beside the model.
///
/// Whoever loads the model can score the rows again: a program, a library or a processor that comes
/// to other scores shows before it scores anything that matters.
///
///     golden.<n>.first     F64 [1]         seconds since 1970 of the first row
///     golden.<n>.metrics   F64 [rows × C]  values of the service's metric columns; NaN is missing
///     golden.<n>.scores    F32 [rows × S]  calibrated scores by name, the ensemble's last
///     golden.<n>.features  F32 [tail × F]  inputs of the isolation forest in the last rows
///     golden.<n>.forest    F32 [tail]      its raw scores, before calibration
///
/// n counts services as the model lists them. Log lines are not in the sample: its rows are scored as
/// those of a time whose logs were not recorded.
public enum GoldenSample {
  /// The file's name in an artifact.
  public static let file = "golden.safetensors"
  /// Services that are sampled, the first ones with data.
  private static let mostServices = 3
  /// Rows beyond those that windows reach back over.
  private static let tail = 32
  /// Rows of a service.
  private static let mostRows = 100_000

  /// Takes the sample from the end of the calibration time.
  ///
  /// - Returns: Nil when no service has a score there.
  public static func make(_ model: TrainedModel, _ dataset: Dataset) -> [UInt8]? {
    let scoring = model.scoring
    var bundle = TensorBundle(source: file)
    var sampled = 0
    let grid = dataset.grid
    guard let last = model.split.calibration.map({ grid.indices(in: $0).upperBound }).max() else {
      return nil
    }
    let rows = min(
      mostRows, last, scoring.features.definition.historyLength + tail)
    for (number, service) in scoring.features.services.enumerated() where sampled < mostServices {
      guard let frame = dataset.services.first(where: { $0.service == service.service }) else {
        continue
      }
      let positions = service.metricColumns.map { name in
        frame.columns.firstIndex { $0.name == name }
      }
      let metrics = (last - rows..<last).flatMap { row in
        positions.map { $0.map { frame.values[row * frame.columns.count + $0] } ?? .nan }
      }
      let first = grid.timestamp(at: last - rows)
      let outcome = score(scoring, service, metrics: metrics, rows: rows, first: first)
      guard outcome.scores.contains(where: { !$0.isNaN }) else { continue }
      sampled += 1
      let prefix = "golden.\(number)"
      bundle.tensors["\(prefix).first"] = .init(
        shape: [1], values: .double([Double(first.milliseconds) / 1000]))
      bundle.tensors["\(prefix).metrics"] = .init(
        shape: [rows, positions.count], values: .double(metrics))
      bundle.tensors["\(prefix).scores"] = .init(
        shape: [rows, scoring.scoreNames.count], values: .float(outcome.scores))
      if let features = outcome.features.first {
        bundle.tensors["\(prefix).features"] = .init(
          shape: [outcome.features.count, features.count],
          values: .float(outcome.features.flatMap { $0 }))
        bundle.tensors["\(prefix).forest"] = .init(
          shape: [outcome.forest.count], values: .float(outcome.forest))
      }
    }
    return sampled == 0 ? nil : bundle.safetensors()
  }

  /// What scoring the sample again gave.
  public struct Check: Hashable, Sendable {
    /// Scores that were compared.
    public var scores = 0
    /// The largest difference, relative to a score of at least 1; infinite when one is missing.
    public var largestDifference = 0.0
    /// The service and row of that difference.
    public var place = ""

    /// Differences beyond this say that the model is not scored as it was.
    public static let tolerance = 1e-5
    /// Whether the scores are what they were.
    public var isEqual: Bool { largestDifference <= Self.tolerance }
  }

  /// Scores a sample again.
  ///
  /// - Parameter bytes: The file.
  /// - Throws: `StorageError` for a sample that does not fit the model.
  public static func check(
    _ bytes: [UInt8], against model: TrainedModel, source: String
  ) throws -> Check {
    let bundle = try TensorBundle(safetensors: bytes, source: source)
    let scoring = model.scoring
    var check = Check()
    for (number, service) in scoring.features.services.enumerated() {
      let prefix = "golden.\(number)"
      guard bundle.tensors["\(prefix).metrics"] != nil else { continue }
      func tensor(_ name: String, _ columns: Int) throws -> TensorBundle.Tensor {
        guard let tensor = bundle.tensors["\(prefix).\(name)"], tensor.shape.count == 2,
          tensor.shape[1] == columns, tensor.shape[0] <= mostRows
        else {
          throw StorageError.invalidTensors(
            path: source, reason: "\(prefix).\(name) is not of \(columns) columns")
        }
        return tensor
      }
      guard case .double(let start)? = bundle.tensors["\(prefix).first"]?.values, start.count == 1,
        let milliseconds = Int64(exactly: (start[0] * 1000).rounded()),
        milliseconds.magnitude < 1 << 53,
        case .double(let metrics) = try tensor("metrics", service.metricColumns.count).values,
        case .float(let expected) = try tensor("scores", scoring.scoreNames.count).values
      else {
        throw StorageError.invalidTensors(path: source, reason: "\(prefix) is not a sample")
      }
      let found = score(
        scoring, service, metrics: metrics, rows: expected.count / max(1, scoring.scoreNames.count),
        first: Timestamp(milliseconds: milliseconds)
      ).scores
      guard found.count == expected.count else {
        throw StorageError.invalidTensors(
          path: source, reason: "\(prefix) has \(expected.count) scores for \(found.count)")
      }
      for (index, (now, then)) in zip(found, expected).enumerated() {
        check.scores += 1
        let difference =
          now.isNaN && then.isNaN
          ? 0 : abs(Double(now) - Double(then)) / max(1, abs(Double(then)))
        guard !(difference <= check.largestDifference) else { continue }
        check.largestDifference = difference.isNaN ? .infinity : difference
        check.place = "\(service.service), row \(index / scoring.scoreNames.count)"
      }
    }
    guard check.scores > 0 else {
      throw StorageError.invalidTensors(path: source, reason: "no sample of a service of the model")
    }
    return check
  }

  private struct Outcome {
    var scores: [Float] = []
    var features: [[Float]] = []
    var forest: [Float] = []
  }

  private static func score(
    _ model: ScoringModel, _ service: ServiceFeatureModel, metrics: [Double], rows: Int,
    first: Timestamp
  ) -> Outcome {
    let columns = service.metricColumns.count
    guard metrics.count == rows * columns else { return Outcome() }
    let definition = model.features.definition
    var outcome = Outcome()
    guard var scorer = model.scorer(for: service.service) else { return outcome }
    var extractor = FeatureExtractor(definition: definition, model: service)
    let forest = model.detectors.lazy.compactMap {
      ($0 as? ForestModel)?.forest(of: service.service)
    }
    .first
    for row in 0..<rows {
      let telemetry = TelemetryRow(
        time: first + definition.interval * row,
        metrics: Array(metrics[row * columns..<(row + 1) * columns]), logs: nil)
      outcome.scores += scorer.push(telemetry)
      guard let forest else { continue }
      let observation = extractor.push(telemetry)
      guard row >= rows - tail, observation.hasData else { continue }
      let inputs = ForestModel.inputs(observation.features, missing: forest.missing)
      outcome.features.append(inputs)
      outcome.forest.append(forest.score(inputs[...]))
    }
    return outcome
  }
}
