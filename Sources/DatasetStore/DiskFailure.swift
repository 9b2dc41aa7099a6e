#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif
internal import CSnapshotFile
internal import CHDF5
internal import Storage

/// What the disk refused while HDF5 wrote a file, of which HDF5 itself is not told.
@safe final class DiskFailure {
  private let path: String
  private let number: UnsafeMutablePointer<Int32>

  /// Makes a record without a failure.
  ///
  /// - Parameter path: The file, for errors.
  init(path: String) {
    self.path = path
    unsafe number = .allocate(capacity: 1)
    unsafe number.initialize(to: 0)
  }

  deinit { unsafe number.deallocate() }

  /// Makes files of an access property list report to this record, which has to outlive them.
  func attach(
    to access: borrowing Handle, _ failure: (String) -> DatasetStoreError
  ) throws(DatasetStoreError) {
    try hdf5(failure) { unsafe snapshot_file_use(access.id, number) }
  }

  /// Throws what the system said first.
  func check() throws(DatasetStoreError) {
    let code = unsafe number.pointee
    guard code != 0 else { return }
    let reason = unsafe String(cString: strerror(code))
    throw .storage(.system(operation: "write", path: path, reason: reason))
  }
}
