internal import Detection
internal import Diagnostics
internal import Features
internal import Scoring
internal import Telemetry

/// Where thresholds are fixed and how many alarms they may leave.
struct CalibrationCells: Sendable {
  var ranges: [TimeRange]
  var margin: TimeSpan
  var exceedance: Double
}

extension ScoringModel {
  /// Calibrates detectors, then their mean, on calibration cells without incidents.
  ///
  /// Rows after the last calibration cell are not looked at.
  static func calibrated(
    features: FeatureModel, detectors: [any DetectorModel], dataset: Dataset,
    cells: CalibrationCells, threads: Int, progress: @escaping ProgressSink
  ) async throws -> ScoringModel {
    let grid = dataset.grid
    let incidents = dataset.incidents
    let frames = dataset.services.filter { features.service(named: $0.service) != nil }
    let counter = ProgressCounter(stage: "calibrate", total: frames.count, sink: progress)
    let names = frames.map(\.service)
    let masks = frames.map { frame in
      CellMask(
        cells.ranges, service: frame.service, grid: grid, incidents: incidents,
        margin: cells.margin
      ).isIncluded
    }
    let work = Array(zip(frames, masks))
    let untailed = detectors
    let tails = try await concurrentMap(work, limit: threads) { frame, mask in
      fittedTails(frame, grid: grid, features: features, detectors: untailed, mask: mask)
    }
    let detectors: [any DetectorModel] = detectors.enumerated().map { index, detector in
      guard var weighted = detector as? any TailWeighted else { return detector }
      for (service, found) in zip(names, tails) { weighted.tails[service] = found[index] }
      return weighted
    }
    let raw = try await concurrentMap(work, limit: threads) { frame, mask in
      defer { counter.advance(frame.service) }
      return rawScores(frame, grid: grid, features: features, detectors: detectors, mask: mask)
    }
    func byService(_ scores: [[Float]]) -> [String: [Float]] {
      Dictionary(zip(names, scores), uniquingKeysWith: { first, _ in first })
    }
    let calibrations = try detectors.indices.map { index in
      try Calibration(
        fitting: byService(raw.map { $0[index] }), exceedance: cells.exceedance,
        detector: detectors[index].name)
    }
    let combined = zip(names, raw).map { service, scores in
      (scores.first ?? []).indices.map { cell in
        combine(
          detectors.indices.map { calibrations[$0].score(scores[$0][cell], service: service) })
      }
    }
    return ScoringModel(
      features: features, detectors: detectors, calibrations: calibrations,
      ensemble: try Calibration(
        fitting: byService(combined), exceedance: cells.exceedance,
        detector: ScoringModel.ensembleName))
  }
}

/// The tail weights of one service, one per detector; nil for detectors that take none.
private func fittedTails(
  _ frame: ServiceFrame, grid: TimeGrid, features: FeatureModel,
  detectors: [any DetectorModel], mask: [Bool]
) -> [TailWeights?] {
  guard let model = features.service(named: frame.service) else { return [] }
  var running = detectors.map {
    ($0 as? any TailWeighted)?.combiningDetector(for: frame.service)
  }
  var deviations = Array(repeating: [[Float]](), count: detectors.count)
  let end = (mask.lastIndex(of: true) ?? -1) + 1
  var extractor = FeatureExtractor(definition: features.definition, model: model)
  let rows = FrameRows(
    frame: frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: end),
    columns: model.metricColumns)
  for (index, row) in rows.enumerated() {
    let observation = extractor.push(row)
    for detector in running.indices {
      guard let found = running[detector]?.deviations(observation), mask[index] else { continue }
      deviations[detector].append(found.map(abs))
    }
  }
  return deviations.map { cells in
    cells.first.map { TailWeights(fitting: cells, inputs: $0.count) }
  }
}

/// Raw scores of the masked cells of one service, one array per detector.
private func rawScores(
  _ frame: ServiceFrame, grid: TimeGrid, features: FeatureModel,
  detectors: [any DetectorModel], mask: [Bool]
) -> [[Float]] {
  var scores = Array(repeating: [Float](), count: detectors.count)
  guard let model = features.service(named: frame.service) else { return scores }
  let end = (mask.lastIndex(of: true) ?? -1) + 1
  var extractor = FeatureExtractor(definition: features.definition, model: model)
  var running = detectors.map { $0.detector(for: frame.service) }
  let rows = FrameRows(
    frame: frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: end),
    columns: model.metricColumns)
  for (index, row) in rows.enumerated() {
    let observation = extractor.push(row)
    for detector in running.indices {
      let score = running[detector]?.score(observation) ?? .nan
      if mask[index] { scores[detector].append(score) }
    }
  }
  return scores
}
