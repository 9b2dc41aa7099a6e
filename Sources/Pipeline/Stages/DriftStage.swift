internal import Detection
internal import Features
internal import DetectionMetrics
public import Report
internal import Scoring
public import Telemetry

/// Compares the test time's metrics with those that a model was trained on.
struct DriftStage: Sendable {
  let threads: Int

  /// The drift of every metric that a service's model reads, the strongest first.
  ///
  /// Cells that training could not see, and those in incidents of the test time, are left out: drift
  /// is about how the system is when it is well.
  func callAsFunction(_ model: TrainedModel, _ dataset: Dataset) async throws -> [DriftRow] {
    let grid = dataset.grid
    let time = FittingTime(
      dataset, split: model.split, margin: model.incidentMargin,
      lookBack: model.scoring.features.definition.historyLength)
    let tested = model.split.test.flatMap { Array(grid.indices(in: $0)) }
    let frames = dataset.services.filter {
      model.scoring.features.service(named: $0.service) != nil
    }
    let drifts = try await concurrentMap(frames, limit: threads) { frame in
      guard let known = model.scoring.features.service(named: frame.service) else {
        return [DriftRow]()
      }
      var isUnwell = [Bool](repeating: false, count: grid.count)
      for incident in dataset.incidents where incident.concerns(frame.service) {
        for cell in grid.indices(touching: incident.start, incident.resolved) {
          isUnwell[cell] = true
        }
      }
      let training = time.training(of: frame.service)
      let before = training.indices.filter { training[$0] }
      let now = tested.filter { !isUnwell[$0] }
      return frame.columns.indices.compactMap { column -> DriftRow? in
        guard known.metricColumns.contains(frame.columns[column].name) else { return nil }
        func values(_ cells: [Int]) -> [Double] {
          cells.map { frame.values[$0 * frame.columns.count + column] }
        }
        let (reference, current) = (values(before), values(now))
        guard
          let shift = DistributionShift(reference: reference, current: current)
            ?? vanished(reference, current)
        else { return nil }
        func missing(_ values: [Double]) -> Double {
          Double(values.count(where: \.isNaN)) / Double(max(1, values.count))
        }
        return DriftRow(
          service: frame.service, metric: frame.columns[column].name,
          stabilityIndex: shift.stabilityIndex, kolmogorovSmirnov: shift.kolmogorovSmirnov,
          missingBefore: missing(reference), missingNow: missing(current))
      }
    }
    return drifts.flatMap { $0 }.sorted {
      ($1.stabilityIndex, $0.service, $0.metric) < ($0.stabilityIndex, $1.service, $1.metric)
    }
  }
}

/// A metric that had values in training and has none now is as far from them as can be.
private func vanished(_ reference: [Double], _ current: [Double]) -> DistributionShift? {
  guard !current.isEmpty, reference.contains(where: { !$0.isNaN }) else { return nil }
  return DistributionShift.vanished
}

/// How far the metrics that a model reads are distributed in the test time unlike those of training,
/// the strongest drift first.
///
/// - Parameter threads: Services worked on at once; results do not depend on it.
public func metricDrift(
  _ model: TrainedModel, _ dataset: Dataset, threads: Int
) async throws -> [DriftRow] {
  try await DriftStage(threads: threads)(model, dataset)
}
