internal import Detection
internal import Diagnostics
internal import Features
internal import Scoring
internal import Telemetry

/// How thresholds are fixed.
struct ThresholdRule: Sendable {
  /// What may be known.
  var time: FittingTime
  /// Where the boundary is.
  var boundary: BoundaryRule
}

extension ScoringModel {
  /// Calibrates detectors, then their mean, on calibration cells without incidents.
  ///
  /// What detectors learn of quiet times comes from the first half of a service's cells and
  /// boundaries from the second, so that boundaries are those of data the detectors have not seen.
  ///
  /// - Returns: The model, and how many cells with a score the ensemble's boundary rests on.
  static func calibrated(
    features: FeatureModel, detectors: [any DetectorModel], dataset: Dataset,
    rule: ThresholdRule, threads: Int, progress: @escaping ProgressSink
  ) async throws -> (model: ScoringModel, boundaryCells: Int) {
    let grid = dataset.grid
    let time = rule.time
    let work = dataset.services.filter { features.service(named: $0.service) != nil }.map {
      (frame: $0, halves: halves(time.calibration(of: $0.service)))
    }
    let names = work.map(\.frame.service)
    let unfitted = detectors
    let quiet = try await concurrentMap(work, limit: threads) { frame, halves in
      quietDeviations(
        frame.limited(to: time.visible(of: frame.service)), grid: grid, features: features,
        detectors: unfitted, mask: halves.first)
    }
    var detectors = detectors
    for (service, found) in zip(names, quiet) { detectors.fit(quiet: found, service: service) }
    let fitted = detectors
    let counter = ProgressCounter(stage: "calibrate", total: work.count, sink: progress)
    let raw = try await concurrentMap(work, limit: threads) { frame, halves in
      defer { counter.advance(frame.service) }
      return rawScores(
        frame.limited(to: time.visible(of: frame.service)), grid: grid, features: features,
        detectors: fitted, mask: halves.second)
    }
    func byService(_ scores: [[Float]]) -> [String: [Float]] {
      Dictionary(zip(names, scores), uniquingKeysWith: { first, _ in first })
    }
    let calibrations = try detectors.indices.map { index in
      try Calibration(
        fitting: byService(raw.map { $0[index] }), rule: rule.boundary,
        detector: detectors[index].name)
    }
    let weights = detectors.map { ensembleWeight(of: $0.name) }
    let combined = zip(names, raw).map { service, scores in
      (scores.first ?? []).indices.map { cell in
        combine(
          detectors.indices.map { calibrations[$0].score(scores[$0][cell], service: service) },
          weights)
      }
    }
    let model = ScoringModel(
      features: features, detectors: detectors, calibrations: calibrations,
      ensemble: try Calibration(
        fitting: byService(combined), rule: rule.boundary,
        detector: ScoringModel.ensembleName),
      weights: weights)
    return (model, combined.reduce(0) { total, scores in total + scores.count { !$0.isNaN } })
  }
}

extension [any DetectorModel] {
  /// Lets each detector that does so learn from a service's deviations, [detectors][cells][inputs].
  mutating func fit(quiet deviations: [[[Float]]], service: String) {
    for (index, cells) in deviations.enumerated() where !cells.isEmpty {
      guard var model = self[index] as? any QuietFitted else { continue }
      model.fit(quiet: cells, service: service)
      self[index] = model
    }
  }
}

/// The included cells divided into an earlier and a later half.
func halves(_ mask: [Bool]) -> (first: [Bool], second: [Bool]) {
  let half = mask.count { $0 } / 2
  var (first, second, seen) = (mask, mask, 0)
  for index in mask.indices where mask[index] {
    if seen < half { second[index] = false } else { first[index] = false }
    seen += 1
  }
  return (first, second)
}

/// The deviations of one service in masked cells, [detectors][cells][inputs]; none for detectors
/// that do not learn from them.
func quietDeviations(
  _ frame: ServiceFrame, grid: TimeGrid, features: FeatureModel,
  detectors: [any DetectorModel], mask: [Bool]
) -> [[[Float]]] {
  guard let model = features.service(named: frame.service) else { return [] }
  var running = detectors.map {
    ($0 as? any QuietFitted)?.combiningDetector(for: frame.service)
  }
  var deviations = Array(repeating: [[Float]](), count: detectors.count)
  var extractor = FeatureExtractor(definition: features.definition, model: model)
  for (index, row) in rows(frame, grid: grid, model: model, mask: mask).enumerated() {
    let observation = extractor.push(row)
    for detector in running.indices {
      guard let found = running[detector]?.deviations(observation), mask[index] else { continue }
      deviations[detector].append(found)
    }
  }
  return deviations
}

/// Raw scores of the masked cells of one service, one array per detector.
private func rawScores(
  _ frame: ServiceFrame, grid: TimeGrid, features: FeatureModel,
  detectors: [any DetectorModel], mask: [Bool]
) -> [[Float]] {
  var scores = Array(repeating: [Float](), count: detectors.count)
  guard let model = features.service(named: frame.service),
    var scorer = RawScorer(service: frame.service, features: features, detectors: detectors)
  else { return scores }
  for (index, row) in rows(frame, grid: grid, model: model, mask: mask).enumerated() {
    let raw = scorer.push(row)
    guard mask[index] else { continue }
    for detector in detectors.indices { scores[detector].append(raw[detector]) }
  }
  return scores
}

/// The rows up to the last masked cell.
private func rows(
  _ frame: ServiceFrame, grid: TimeGrid, model: ServiceFeatureModel, mask: [Bool]
) -> FrameRows {
  let end = (mask.lastIndex(of: true) ?? -1) + 1
  return FrameRows(
    frame: frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: end),
    columns: model.metricColumns)
}
