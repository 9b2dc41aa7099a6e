internal import CHDF5
internal import Storage

/// An HDF5 file that is being read and not trusted. Places are absolute paths within it.
struct SnapshotReader: ~Copyable {
  private static let attributeLimit = 1 << 20

  let path: String
  let file: Handle
  let fileSize: Int

  /// Opens the file.
  init(openingAt path: String) throws(DatasetStoreError) {
    switch FileSystem.item(at: path, followingLinks: true) {
    case nil where path.isEmpty: throw .storage(.emptyPath(operation: "read"))
    case nil: throw .storage(.notFound(path: path))
    case .folder: throw .storage(.notAFile(path: path))
    // HDF5 moves around in a file, and would wait for a pipe that nobody writes to.
    case .other: throw .storage(.notARegularFile(path: path))
    case .file, .link: break
    }
    let damaged = Self.damaged(path, "/")
    let signature = try hdf5({
      .storage(.system(operation: "read", path: path, reason: $0))
    }) { unsafe H5Fis_hdf5(path) }
    guard signature > 0 else { throw .notHDF5(path: path) }
    // A file that names a filter of its own would otherwise have HDF5 look for code to load.
    H5PLset_loading_state(0)
    // Snapshots appear whole and never change. A lock would only find that of a child process that
    // was started while the file was made and has inherited it.
    let access = try Handle(damaged) { H5Pcreate(cH5P_FILE_ACCESS()) }
    try hdf5(damaged) { H5Pset_file_locking(access.id, false, true) }
    let file = try Handle(damaged) { unsafe H5Fopen(path, cH5F_ACC_RDONLY(), access.id) }
    var size: hsize_t = 0
    try hdf5(damaged) { unsafe H5Fget_filesize(file.id, &size) }
    self.path = path
    self.file = file
    fileSize = Int(clamping: size)
  }

  private static func damaged(_ path: String, _ place: String) -> (String) -> DatasetStoreError {
    { .damaged(path: path, place: place, reason: $0) }
  }

  /// Makes the error of a part that the library cannot read.
  func damaged(_ place: String) -> (String) -> DatasetStoreError {
    Self.damaged(path, place)
  }

  /// An error about the content of a place.
  func malformed(_ place: String, _ reason: String) -> DatasetStoreError {
    .malformed(path: path, place: place, reason: reason)
  }

  /// Whether a place exists whose group exists.
  func has(_ place: String) throws(DatasetStoreError) -> Bool {
    try hdf5(damaged(place)) { unsafe H5Lexists(file.id, place, cH5P_DEFAULT) } > 0
  }

  /// How many members a group has.
  func memberCount(_ place: String) throws(DatasetStoreError) -> Int {
    try require(place)
    var info = H5G_info_t()
    try hdf5(damaged(place)) {
      unsafe H5Gget_info_by_name(file.id, place, &info, cH5P_DEFAULT)
    }
    return Int(clamping: info.nlinks)
  }

  /// Makes sure that a place exists in this very file.
  func require(_ place: String) throws(DatasetStoreError) {
    guard try has(place) else { throw malformed(place, "missing") }
    guard try hdf5(damaged(place), { unsafe cH5is_hard_link(file.id, place) }) > 0 else {
      throw malformed(place, "leads out of the file")
    }
  }

  /// Whether a place that exists has an attribute.
  func has(attribute name: String, of place: String) throws(DatasetStoreError) -> Bool {
    try hdf5(damaged(place)) {
      unsafe H5Aexists_by_name(file.id, place, name, cH5P_DEFAULT)
    } > 0
  }

  /// A whole number attached to a place.
  func integer(attribute name: String, of place: String) throws(DatasetStoreError) -> Int64 {
    let attribute = try open(attribute: name, of: place)
    guard attribute.isInteger else {
      throw malformed(place, "attribute '\(name)' is not a whole number")
    }
    var number: Int64 = 0
    try hdf5(damaged(place)) {
      unsafe H5Aread(attribute.value.id, NumberType.int64.inMemory, &number)
    }
    return number
  }

  /// A text attached to a place.
  func text(attribute name: String, of place: String) throws(DatasetStoreError) -> String {
    let attribute = try open(attribute: name, of: place)
    guard let width = attribute.textWidth, width <= Self.attributeLimit else {
      throw malformed(place, "attribute '\(name)' is not a UTF-8 text of fixed width")
    }
    var bytes = [UInt8](repeating: 0, count: width)
    try hdf5(damaged(place)) { unsafe H5Aread(attribute.value.id, attribute.type.id, &bytes) }
    return try text(bytes[...], of: place)
  }

  private func open(
    attribute name: String, of place: String
  ) throws(DatasetStoreError) -> TypedValue {
    guard try has(attribute: name, of: place) else {
      throw malformed(place, "attribute '\(name)' is missing")
    }
    let value = try Handle(damaged(place)) {
      unsafe H5Aopen_by_name(file.id, place, name, cH5P_DEFAULT, cH5P_DEFAULT)
    }
    let space = try Handle(damaged(place)) { H5Aget_space(value.id) }
    guard try hdf5(damaged(place), { H5Sget_simple_extent_npoints(space.id) }) == 1 else {
      throw malformed(place, "attribute '\(name)' is not a single value")
    }
    let type = try Handle(damaged(place)) { H5Aget_type(value.id) }
    return TypedValue(value: value, type: type)
  }
}

/// An open attribute or dataset with its type.
struct TypedValue: ~Copyable {
  let value: Handle
  let type: Handle

  /// Whether it holds whole numbers of at most 64 bits.
  var isInteger: Bool { H5Tget_class(type.id) == H5T_INTEGER && H5Tget_size(type.id) <= 8 }

  /// Whether it holds doubles.
  var isDouble: Bool { H5Tget_class(type.id) == H5T_FLOAT && H5Tget_size(type.id) == 8 }

  /// The bytes of each text if it holds texts as we write them, or nil.
  var textWidth: Int? {
    guard H5Tget_class(type.id) == H5T_STRING, H5Tis_variable_str(type.id) == 0,
      H5Tget_cset(type.id) == H5T_CSET_UTF8, H5Tget_strpad(type.id) == H5T_STR_NULLPAD
    else { return nil }
    let width = H5Tget_size(type.id)
    return width > 0 ? width : nil
  }
}
