public import Telemetry

extension DatasetFile {
  /// Writes a dataset; the same as `write(_:to:content:)`, for callers that depend on the path
  /// holding either all of the old file or all of the new one.
  ///
  /// - Throws: As `write(_:to:content:)`.
  public static func writeAtomically(
    _ dataset: Dataset, to path: String, content: Content = .telemetry
  ) throws(DatasetStoreError) {
    try write(dataset, to: path, content: content)
  }
}
