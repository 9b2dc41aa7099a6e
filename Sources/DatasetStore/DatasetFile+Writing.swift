internal import Storage
internal import Telemetry

extension DatasetFile {
  /// Writes a dataset.
  static func write(
    _ dataset: Dataset, to path: String, as content: Content
  ) throws(DatasetStoreError) {
    var stream = try SnapshotStream(for: path, content: content)
    try hand(dataset, to: &stream)
    let image = try stream.finish(dataset.outline).image
    do throws(StorageError) {
      try FileSystem.writeFileAtomically(image, to: path)
    } catch {
      throw .storage(error)
    }
  }

  /// Hands a dataset's services to a file.
  static func hand(
    _ dataset: Dataset, to stream: inout SnapshotStream
  ) throws(DatasetStoreError) {
    do {
      try dataset.write(to: &stream)
    } catch let error as DatasetStoreError {
      throw error
    } catch {
      preconditionFailure("unexpected error \(error)")
    }
  }
}
