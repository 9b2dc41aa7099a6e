internal import CHDF5
internal import Storage
internal import Synchronization

/// An HDF5 file that is being made, in memory or on a disk. Places are absolute paths within it.
///
/// The library's own files are not used: when a disk is full it cannot close them, and crashes then
/// or when the process ends. `DiskFailure` says what becomes of ours. No object keeps times, so that
/// equal content makes equal bytes under one library version.
struct SnapshotWriter: ~Copyable {
  /// HDF5 looks for a file of the name first, even though it will never write one. Nothing can be
  /// below a device.
  private static let folder = "/dev/null"
  /// How many files were made in memory. HDF5 takes two of one name for the same.
  private static let made = Atomic(0)
  /// By how many bytes the memory grows.
  private static let memoryStep = 1 << 20
  private static let compressionLevel: UInt32 = 4
  /// The most bytes that the texts of one array may take in the file before compression.
  private static let textLimit = 1 << 30

  private let path: String
  private let file: Handle
  /// The array of numbers that gets its columns one by one.
  var matrix: Handle?
  var matrixRows = 0

  /// Begins an empty file in memory.
  ///
  /// - Parameter path: Where it will go, for errors.
  init(for path: String) throws(DatasetStoreError) {
    self.path = path
    let number = Self.made.add(1, ordering: .relaxed).newValue
    file = try Self.create("\(Self.folder)/snapshot-\(number)", for: path) {
      (access, failure) throws(DatasetStoreError) in
      try hdf5(failure) { H5Pset_fapl_core(access.id, Self.memoryStep, false) }
    }
  }

  /// Begins an empty file on a disk.
  ///
  /// - Parameter disk: What is told of writes that fail; it has to outlive the writer.
  init(creating path: String, reportingTo disk: DiskFailure) throws(DatasetStoreError) {
    self.path = path
    file = try Self.create(path, for: path) { (access, failure) throws(DatasetStoreError) in
      try disk.attach(to: access, failure)
    }
  }

  private static func create(
    _ name: String, for path: String,
    _ chooseDriver: (borrowing Handle, (String) -> DatasetStoreError) throws(DatasetStoreError) ->
      Void
  ) throws(DatasetStoreError) -> Handle {
    let failure = failure(path, "/")
    let creation = try Handle(failure) { H5Pcreate(cH5P_FILE_CREATE()) }
    try hdf5(failure) { H5Pset_obj_track_times(creation.id, false) }
    let access = try Handle(failure) { H5Pcreate(cH5P_FILE_ACCESS()) }
    // The format of HDF5 1.10 has check sums on its own structures; the older one has not.
    try hdf5(failure) { H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110) }
    try chooseDriver(access, failure)
    return try Handle(failure) {
      unsafe H5Fcreate(name, cH5F_ACC_TRUNC(), creation.id, access.id)
    }
  }

  private static func failure(_ path: String, _ place: String) -> (String) -> DatasetStoreError {
    { .cannotWrite(path: path, place: place, reason: $0) }
  }

  func failure(_ place: String) -> (String) -> DatasetStoreError {
    Self.failure(path, place)
  }

  /// Closes a file on a disk, and returns no bytes.
  consuming func close() throws(DatasetStoreError) -> [UInt8] {
    let failure = failure("/")
    try file.close(failure)
    return []
  }

  /// Closes a file in memory and returns its bytes.
  consuming func image() throws(DatasetStoreError) -> [UInt8] {
    let failure = failure("/")
    try hdf5(failure) { H5Fflush(file.id, H5F_SCOPE_GLOBAL) }
    let size = try hdf5(failure) { H5Fget_file_image(file.id, nil, 0) }
    var bytes = [UInt8](repeating: 0, count: size)
    try hdf5(failure) { unsafe H5Fget_file_image(file.id, &bytes, bytes.count) }
    try file.close(failure)
    sealSuperblock(of: &bytes)
    return bytes
  }

  /// Creates a group.
  func group(_ place: String) throws(DatasetStoreError) {
    let failure = failure(place)
    let creation = try Handle(failure) { H5Pcreate(cH5P_GROUP_CREATE()) }
    try hdf5(failure) { H5Pset_obj_track_times(creation.id, false) }
    _ = try Handle(failure) {
      unsafe H5Gcreate2(file.id, place, cH5P_DEFAULT, creation.id, cH5P_DEFAULT)
    }
  }

  /// Attaches a whole number to a group or dataset.
  func attribute(_ name: String, of place: String, _ number: Int64) throws(DatasetStoreError) {
    try attribute(name, of: place, NumberType.int64.inFile, NumberType.int64.inMemory, [number])
  }

  /// Attaches a text to a group or dataset.
  func attribute(_ name: String, of place: String, _ text: String) throws(DatasetStoreError) {
    let (bytes, width) = try packed([text], "\(place) (attribute \(name))")
    let type = try textType(width: width, failure(place))
    try attribute(name, of: place, type.id, type.id, bytes)
  }

  private func attribute(
    _ name: String, of place: String, _ type: hid_t, _ memory: hid_t,
    _ values: [some BitwiseCopyable]
  ) throws(DatasetStoreError) {
    let failure = failure(place)
    let space = try Handle(failure) { H5Screate(H5S_SCALAR) }
    let attribute = try Handle(failure) {
      unsafe H5Acreate_by_name(
        file.id, place, name, type, space.id, cH5P_DEFAULT, cH5P_DEFAULT, cH5P_DEFAULT)
    }
    try hdf5(failure) { unsafe H5Awrite(attribute.id, memory, values) }
  }

  /// Writes numbers.
  ///
  /// - Parameters:
  ///   - shape: Sizes, outermost first; their product is the number of values.
  ///   - chunk: Sizes of the parts that are compressed on their own.
  func numbers<Number: BitwiseCopyable>(
    _ place: String, _ type: NumberType, _ values: [Number], shape: [Int], chunk: [Int]
  ) throws(DatasetStoreError) {
    precondition(
      MemoryLayout<Number>.size == type.width && values.count == shape.reduce(1, *),
      "\(values.count) values of \(MemoryLayout<Number>.size) bytes for \(type) of shape \(shape)")
    try write(place, type.inFile, type.inMemory, values, shape: shape, chunk: chunk)
  }

  /// Writes whole numbers in one row.
  func integers(_ place: String, _ values: [Int64]) throws(DatasetStoreError) {
    try numbers(place, .int64, values, shape: [values.count], chunk: [min(values.count, 4096)])
  }

  /// Writes whole numbers from 0 to 255 in one row.
  func bytes(_ place: String, _ values: [UInt8]) throws(DatasetStoreError) {
    try numbers(place, .uint8, values, shape: [values.count], chunk: [min(values.count, 32768)])
  }

  /// Writes texts in one row.
  func texts(_ place: String, _ texts: [String]) throws(DatasetStoreError) {
    let (bytes, width) = try packed(texts, place)
    let type = try textType(width: width, failure(place))
    let chunk = min(texts.count, max(1, (1 << 18) / width))
    try write(place, type.id, type.id, bytes, shape: [texts.count], chunk: [chunk])
  }

  /// Writes one text that stands for itself.
  func text(_ place: String, _ text: String) throws(DatasetStoreError) {
    let (bytes, width) = try packed([text], place)
    let type = try textType(width: width, failure(place))
    try write(place, type.id, type.id, bytes, shape: [], chunk: [])
  }

  private func write(
    _ place: String, _ type: hid_t, _ memory: hid_t, _ values: [some BitwiseCopyable],
    shape: [Int], chunk: [Int]
  ) throws(DatasetStoreError) {
    let dataset = try create(place, type, shape: shape, chunk: chunk)
    if values.isEmpty { return }
    try hdf5(failure(place)) {
      unsafe H5Dwrite(dataset.id, memory, cH5S_ALL, cH5S_ALL, cH5P_DEFAULT, values)
    }
  }

  /// Creates an array, compressed unless it is empty or a single value.
  func create(
    _ place: String, _ type: hid_t, shape: [Int], chunk: [Int]
  ) throws(DatasetStoreError) -> Handle {
    let failure = failure(place)
    let creation = try Handle(failure) { H5Pcreate(cH5P_DATASET_CREATE()) }
    try hdf5(failure) { H5Pset_obj_track_times(creation.id, false) }
    if !shape.contains(0), !shape.isEmpty {
      let sizes = chunk.map { hsize_t($0) }
      try hdf5(failure) { unsafe H5Pset_chunk(creation.id, Int32(sizes.count), sizes) }
      try hdf5(failure) { H5Pset_shuffle(creation.id) }
      try hdf5(failure) { H5Pset_deflate(creation.id, Self.compressionLevel) }
    }
    let sizes = shape.map { hsize_t($0) }
    let space = try Handle(failure) {
      shape.isEmpty
        ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(Int32(sizes.count), sizes, nil)
    }
    return try Handle(failure) {
      unsafe H5Dcreate2(
        file.id, place, type, space.id, cH5P_DEFAULT, creation.id, cH5P_DEFAULT)
    }
  }

  /// The texts' bytes, each filled up with zeros to the longest one's width, which is at least 1.
  private func packed(
    _ texts: [String], _ place: String
  ) throws(DatasetStoreError) -> (bytes: [UInt8], width: Int) {
    let width = texts.reduce(1) { max($0, $1.utf8.count) }
    guard width <= Self.textLimit / max(1, texts.count) else {
      throw .unstorable(
        place: place, reason: "\(texts.count) texts of up to \(width) bytes take too much room")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * texts.count)
    for text in texts {
      guard text.utf8.last != 0 else {
        throw .unstorable(place: place, reason: "a text ends with the character U+0000")
      }
      bytes.append(contentsOf: text.utf8)
      bytes.append(contentsOf: repeatElement(0, count: width - text.utf8.count))
    }
    return (bytes, width)
  }
}
