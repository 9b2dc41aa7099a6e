public import Diagnostics
public import Storage

/// Why a dataset snapshot could not be written, found or believed.
public enum DatasetStoreError: DiagnosedError, Equatable {
  /// The file is something else than HDF5.
  case notHDF5(path: String)
  /// The file is HDF5 and not a snapshot as we write them; `place` is a path within the file.
  case malformed(path: String, place: String, reason: String)
  /// The file is one of features, which stages that read telemetry would take for measurements.
  case holdsFeatures(path: String)
  /// The snapshot was written by another version of this program.
  case unsupportedVersion(path: String, found: Int64)
  /// HDF5 cannot read a part of the file; `reason` is its own text.
  case damaged(path: String, place: String, reason: String)
  /// The content does not have the digest that was stored with it.
  case digestMismatch(path: String, expected: String, found: String)
  /// HDF5 cannot make the file; `reason` is its own text.
  case cannotWrite(path: String, place: String, reason: String)
  /// The dataset holds a text that the format cannot hold.
  case unstorable(place: String, reason: String)
  /// No snapshot's digest begins like this.
  case unknownDigest(root: String, prefix: String)
  /// Several snapshots' digests begin like this.
  case ambiguousDigest(root: String, prefix: String, count: Int)
  /// The file system failed.
  case storage(StorageError)

  /// The exit code's meaning.
  public var kind: FailureKind {
    switch self {
    case .notHDF5, .malformed, .holdsFeatures, .unsupportedVersion, .unstorable, .unknownDigest,
      .ambiguousDigest:
      .invalidInput
    case .damaged, .digestMismatch: .integrity
    case .cannotWrite: .environment
    case .storage(let error): error.kind
    }
  }

  /// One line: what is wrong, where, and what to do about it.
  public var description: String {
    switch self {
    case .notHDF5(let path):
      "\(path): not an HDF5 file; name a dataset that ingest wrote"
    case .malformed(let path, let place, let reason):
      "\(path): \(place): \(reason); ingest the sources again"
    case .holdsFeatures(let path):
      "\(path): holds features, not telemetry; name the dataset that they were computed from"
    case .unsupportedVersion(let path, let found):
      "\(path): dataset schema version \(found), this program reads version "
        + "\(DatasetFile.versionWithoutOrder) to \(DatasetFile.schemaVersion); ingest the sources again"
    case .damaged(let path, let place, let reason):
      "\(path): \(place): damaged, HDF5 says: \(reason); ingest the sources again"
    case .digestMismatch(let path, let expected, let found):
      "\(path): content digest is \(found), should be \(expected); the file was changed or "
        + "damaged, ingest the sources again"
    case .cannotWrite(let path, let place, let reason):
      "\(path): \(place): cannot write, HDF5 says: \(reason)"
    case .unstorable(let place, let reason):
      "dataset: \(place): \(reason); change it in the sources"
    case .unknownDigest(let root, let prefix):
      "\(root): no dataset whose digest begins with '\(prefix)'; 'autopilot dataset list' shows them"
    case .ambiguousDigest(let root, let prefix, let count):
      "\(root): \(count) datasets' digests begin with '\(prefix)'; give more digits"
    case .storage(let error): error.description
    }
  }
}
