internal import DatasetStore
public import Diagnostics
public import Features
internal import Storage
public import Telemetry

/// Fits features on the training cells of a dataset, as training does.
///
/// - Parameter threads: Services worked on at once; results do not depend on it.
/// - Throws: `PipelineError` for a split that does not fit the data or leaves nothing to train on,
///   `FeatureError` for windows that do not fit its grid.
public func fitFeatures(
  _ dataset: Dataset, configuration: PipelineConfiguration, threads: Int
) async throws -> FeatureModel {
  let split = try configuration.evaluation.split.split(
    dataset.grid, publishedTestStart: dataset.publishedTestStart)
  let fitting = try configuration.featureFitting(dataset, split: split, threads: threads)
  return FeatureModel(
    definition: fitting.definition, services: try await fitting(dataset).services.map(\.model))
}

/// Writes the features of every known service and cell in the layout of a dataset snapshot, as a
/// file that says it holds features, so that no stage takes them for telemetry.
///
/// - Returns: Services, features over all services, and cells.
/// - Throws: `FeatureError.intervalMismatch`, or `DatasetStoreError` when the file cannot be written.
public func writeFeatures(
  _ model: FeatureModel, of dataset: Dataset, to path: String, progress: ProgressSink
) throws -> (services: Int, features: Int, rows: Int) {
  guard model.definition.interval == dataset.grid.interval else {
    throw FeatureError.intervalMismatch(
      expected: model.definition.interval.description,
      found: dataset.grid.interval.description)
  }
  var frames: [ServiceFrame] = []
  for frame in dataset.services {
    guard let service = model.service(named: frame.service) else { continue }
    let batch = FeatureBatch(
      frame, grid: dataset.grid, definition: model.definition, model: service)
    let width = batch.featureCount
    var values = Array(repeating: 0.0, count: dataset.grid.count * width)
    batch.forEachFeature { feature, column in
      for (row, value) in column.enumerated() { values[row * width + feature] = Double(value) }
    }
    frames.append(
      ServiceFrame(
        service: frame.service,
        columns: model.featureNames(of: service).map { MetricColumn(name: $0, kind: .gauge) },
        values: values))
    progress(
      ProgressEvent(
        stage: "features", completed: frames.count, total: dataset.services.count,
        detail: frame.service))
  }
  try DatasetFile.writeAtomically(
    Dataset(
      grid: dataset.grid, services: frames, incidents: dataset.incidents,
      sources: dataset.sources, report: dataset.report,
      publishedTestStart: dataset.publishedTestStart), to: path, content: .features)
  return (frames.count, frames.reduce(0) { $0 + $1.columns.count }, dataset.grid.count)
}
