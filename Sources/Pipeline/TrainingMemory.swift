internal import Features
public import Telemetry

extension PipelineConfiguration {
  /// About how many bytes training and judging on a dataset take beyond the dataset itself.
  ///
  /// Features of all services dominate: they are held once as floats beside the rows they came from,
  /// and once more in the columns that forests sort. Well above what was measured on the
  /// embedded dataset; see docs/experiments.md.
  ///
  /// - Throws: `FeatureError` for windows that do not fit the grid.
  public func trainingMemory(on dataset: Dataset) throws -> Int {
    let definition = try featureDefinition(interval: dataset.grid.interval)
    let perChannel = definition.featureNames(ofChannel: "").count + 1
    // Volume, levels and surprises of logs, and the templates that are followed.
    let logChannels = definition.trackedTemplates + 8
    var bytes = Self.trainingBase
    for service in dataset.services {
      let channels =
        service.columns.count + (definition.usesLogs && service.logs != nil ? logChannels : 0)
      bytes += dataset.grid.count * channels * (perChannel * Self.bytesPerFeature + 64)
    }
    return bytes
  }

  private static let trainingBase = 64 << 20
  private static let bytesPerFeature = 12
}
