internal import CHDF5
internal import Synchronization

private let library = Mutex(())

/// Keeps the library from cleaning up when the process ends, if asked before it is first used.
///
/// A file that was damaged makes it lose memory of its own. At the end it then gives up with
/// "infinite loop closing library", and prints that unless the thread that ends the process is one
/// we silenced. There is nothing to clean up: whatever we open we close.
private let exitHandlerIsOff: Void = { _ = H5dont_atexit() }()

/// Gives one caller at a time the library, which only in some builds is safe for several.
func withHDF5<Result: Sendable>(
  _ body: () throws(DatasetStoreError) -> Result
) throws(DatasetStoreError) -> Result {
  exitHandlerIsOff
  return try library.withLock { _ throws(DatasetStoreError) in try body() }
}

/// Calls HDF5, whose functions report failure as a negative result and the reason on a stack that
/// belongs to the calling thread.
///
/// - Parameter failure: Makes the error from the library's innermost message.
@discardableResult
func hdf5<Result: SignedInteger>(
  _ failure: (String) -> DatasetStoreError, _ body: () -> Result
) throws(DatasetStoreError) -> Result {
  cH5silence_errors()
  let result = body()
  guard result >= 0 else {
    var text = [CChar](repeating: 0, count: 256)
    unsafe cH5innermost_message(&text, text.count)
    cH5clear_errors()
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let message = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    throw failure(message.isEmpty ? "no reason" : message.joined(separator: " "))
  }
  return result
}

/// An open HDF5 identifier of any sort, closed with the value.
struct Handle: ~Copyable {
  let id: hid_t

  /// Takes over what `open` opened.
  init(
    _ failure: (String) -> DatasetStoreError, _ open: () -> hid_t
  ) throws(DatasetStoreError) {
    id = try hdf5(failure, open)
  }

  deinit {
    cH5silence_errors()
    if H5Idec_ref(id) < 0 { cH5clear_errors() }
  }

  /// Closes now, to learn whether it works.
  consuming func close(_ failure: (String) -> DatasetStoreError) throws(DatasetStoreError) {
    let id = id
    discard self
    try hdf5(failure) { H5Idec_ref(id) }
  }
}

/// Numbers as they are in files and in memory.
enum NumberType {
  case float64
  case int64
  case uint8

  /// The type in the file, little-endian.
  var inFile: hid_t {
    switch self {
    case .float64: cH5T_IEEE_F64LE()
    case .int64: cH5T_STD_I64LE()
    case .uint8: cH5T_STD_U8LE()
    }
  }

  /// The type in memory.
  var inMemory: hid_t {
    switch self {
    case .float64: cH5T_NATIVE_DOUBLE()
    case .int64: cH5T_NATIVE_INT64()
    case .uint8: cH5T_NATIVE_UINT8()
    }
  }

  /// Bytes per number.
  var width: Int { self == .uint8 ? 1 : 8 }
}

/// UTF-8 texts of `width` bytes each, filled up with zeros.
func textType(
  width: Int, _ failure: (String) -> DatasetStoreError
) throws(DatasetStoreError) -> Handle {
  let type = try Handle(failure) { H5Tcopy(cH5T_C_S1()) }
  try hdf5(failure) { H5Tset_size(type.id, width) }
  try hdf5(failure) { H5Tset_cset(type.id, H5T_CSET_UTF8) }
  try hdf5(failure) { H5Tset_strpad(type.id, H5T_STR_NULLPAD) }
  return type
}
