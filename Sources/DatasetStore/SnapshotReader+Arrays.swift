internal import CHDF5
internal import Storage

extension SnapshotReader {
  /// The most elements along one axis.
  static let sizeLimit = 1 << 31
  /// How many times its size on disk an array may have in memory: deflate reaches 1032.
  private static let expansionLimit = 1100

  /// Doubles whose columns are read one by one.
  func matrix(_ place: String, rows: Int, columns: Int) throws(DatasetStoreError) -> OpenArray {
    let array = try open(place, rank: 2)
    guard array.contents.isDouble else { throw malformed(place, "does not hold doubles") }
    guard array.shape == [rows, columns] else {
      throw malformed(place, "has shape \(array.shape), expected [\(rows), \(columns)]")
    }
    try checkSize(array, width: NumberType.float64.width, place)
    return array
  }

  /// A column of what `matrix(_:rows:columns:)` opened at a place, [rows].
  func column(
    _ index: Int, of array: borrowing OpenArray, at place: String
  ) throws(DatasetStoreError) -> [Double] {
    let rows = array.shape[0]
    precondition(0..<array.shape[1] ~= index, "column \(index) of \(array.shape[1])")
    var values = [Double](repeating: 0, count: rows)
    if values.isEmpty { return values }
    let failure = damaged(place)
    let dataset = array.contents.value.id
    let space = try Handle(failure) { H5Dget_space(dataset) }
    let (start, count) = ([0, hsize_t(index)], [hsize_t(rows), 1])
    try hdf5(failure) {
      unsafe H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
    }
    let memory = try Handle(failure) { unsafe H5Screate_simple(2, count, nil) }
    try hdf5(failure) {
      unsafe H5Dread(
        dataset, NumberType.float64.inMemory, memory.id, space.id, cH5P_DEFAULT, &values)
    }
    return values
  }

  /// Whole numbers in one row, `count` of them if given.
  func integers(_ place: String, count: Int? = nil) throws(DatasetStoreError) -> [Int64] {
    try integers(place, .int64, 0, count)
  }

  /// Whole numbers from 0 to 255 in one row, `count` of them if given.
  func bytes(_ place: String, count: Int? = nil) throws(DatasetStoreError) -> [UInt8] {
    try integers(place, .uint8, 0, count)
  }

  private func integers<Number: BitwiseCopyable>(
    _ place: String, _ type: NumberType, _ zero: Number, _ count: Int?
  ) throws(DatasetStoreError) -> [Number] {
    let array = try open(place, rank: 1)
    guard array.contents.isInteger else { throw malformed(place, "does not hold whole numbers") }
    try check(array.shape[0], count, place)
    return try read(array, type, zero, place)
  }

  /// Texts in one row, `count` of them if given.
  func texts(_ place: String, count: Int? = nil) throws(DatasetStoreError) -> [String] {
    let array = try open(place, rank: 1)
    try check(array.shape[0], count, place)
    let (bytes, width) = try packedTexts(array, place)
    var texts: [String] = []
    for start in stride(from: 0, to: bytes.count, by: width) {
      texts.append(try text(bytes[start..<start + width], of: place))
    }
    return texts
  }

  /// One text that stands for itself.
  func text(_ place: String) throws(DatasetStoreError) -> String {
    let array = try open(place, rank: 0)
    return try text(packedTexts(array, place).bytes[...], of: place)
  }

  /// The text in bytes that zeros fill up.
  func text(_ bytes: ArraySlice<UInt8>, of place: String) throws(DatasetStoreError) -> String {
    let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex
    guard let text = String(validating: bytes[..<end], as: UTF8.self) else {
      throw malformed(place, "holds a text that is not UTF-8")
    }
    return text
  }

  private func check(
    _ found: Int, _ expected: Int?, _ place: String
  ) throws(DatasetStoreError) {
    guard expected == nil || expected == found else {
      throw malformed(place, "has \(found) elements, expected \(expected ?? 0)")
    }
  }

  private func packedTexts(
    _ array: borrowing OpenArray, _ place: String
  ) throws(DatasetStoreError) -> (bytes: [UInt8], width: Int) {
    guard let width = array.contents.textWidth else {
      throw malformed(place, "does not hold UTF-8 texts of fixed width")
    }
    try checkSize(array, width: width, place)
    var bytes = [UInt8](repeating: 0, count: array.count * width)
    try fill(&bytes, from: array, array.contents.type.id, place)
    return (bytes, width)
  }

  private func read<Number: BitwiseCopyable>(
    _ array: borrowing OpenArray, _ type: NumberType, _ zero: Number, _ place: String
  ) throws(DatasetStoreError) -> [Number] {
    precondition(
      MemoryLayout<Number>.size == type.width, "\(type) in \(MemoryLayout<Number>.size) bytes")
    try checkSize(array, width: type.width, place)
    var values = [Number](repeating: zero, count: array.count)
    try fill(&values, from: array, type.inMemory, place)
    return values
  }

  /// - Precondition: `values` has room for all elements of the array in the type `memory`.
  private func fill(
    _ values: inout [some BitwiseCopyable], from array: borrowing OpenArray, _ memory: hid_t,
    _ place: String
  ) throws(DatasetStoreError) {
    if values.isEmpty { return }
    let dataset = array.contents.value.id
    try hdf5(damaged(place)) {
      unsafe H5Dread(dataset, memory, cH5S_ALL, cH5S_ALL, cH5P_DEFAULT, &values)
    }
  }

  /// Refuses an array that claims to be far larger than what the file holds of it.
  private func checkSize(
    _ array: borrowing OpenArray, width: Int, _ place: String
  ) throws(DatasetStoreError) {
    let stored = min(Int(clamping: H5Dget_storage_size(array.contents.value.id)), fileSize)
    let (bytes, overflow) = array.count.multipliedReportingOverflow(by: width)
    guard !overflow, bytes / Self.expansionLimit <= stored, bytes == 0 || stored > 0 else {
      throw malformed(place, "claims \(array.count) elements and has \(stored) bytes in the file")
    }
  }

  /// Opens an array of a number of axes whose data are in this very file.
  ///
  /// - Precondition: `rank` is at most 2.
  private func open(_ place: String, rank: Int) throws(DatasetStoreError) -> OpenArray {
    try require(place)
    let failure = damaged(place)
    let dataset = try Handle(failure) { unsafe H5Dopen2(file.id, place, cH5P_DEFAULT) }
    let creation = try Handle(failure) { H5Dget_create_plist(dataset.id) }
    let layout = H5Pget_layout(creation.id)
    guard layout == H5D_CHUNKED || layout == H5D_CONTIGUOUS || layout == H5D_COMPACT,
      try hdf5(failure, { H5Pget_external_count(creation.id) }) == 0
    else { throw malformed(place, "keeps its data outside of the file") }
    let space = try Handle(failure) { H5Dget_space(dataset.id) }
    let found = try hdf5(failure) { H5Sget_simple_extent_ndims(space.id) }
    guard found == rank, H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      throw malformed(place, "has \(found) axes, expected \(rank)")
    }
    var sizes = [hsize_t](repeating: 0, count: max(1, rank))
    try hdf5(failure) { unsafe H5Sget_simple_extent_dims(space.id, &sizes, nil) }
    let shape = sizes.prefix(rank).map { Int(clamping: $0) }
    // At most two axes, so that the product stays within 62 bits.
    guard shape.allSatisfy({ $0 <= Self.sizeLimit }) else {
      throw malformed(place, "claims the shape \(shape), beyond any dataset")
    }
    let type = try Handle(failure) { H5Dget_type(dataset.id) }
    return OpenArray(contents: TypedValue(value: dataset, type: type), shape: shape)
  }
}

/// An open dataset with its sizes, outermost first.
struct OpenArray: ~Copyable {
  let contents: TypedValue
  let shape: [Int]

  var count: Int { shape.reduce(1, *) }
}
