internal import CHDF5

extension SnapshotWriter {
  /// Begins an array of doubles whose columns follow; chunks hold rows of one column.
  mutating func beginMatrix(
    _ place: String, rows: Int, columns: Int
  ) throws(DatasetStoreError) {
    matrix = try create(
      place, NumberType.float64.inFile, shape: [rows, columns], chunk: [min(rows, 4096), 1])
    matrixRows = rows
  }

  /// Writes a column of the array begun last, [rows].
  mutating func column(
    _ index: Int, _ values: [Double], of place: String
  ) throws(DatasetStoreError) {
    precondition(
      values.count == matrixRows, "\(values.count) values for \(matrixRows) rows of \(place)")
    if values.isEmpty { return }
    guard let array = matrix.take() else { preconditionFailure("no array at \(place)") }
    let failure = failure(place)
    let space = try Handle(failure) { H5Dget_space(array.id) }
    let (start, count) = ([0, hsize_t(index)], [hsize_t(values.count), 1])
    try hdf5(failure) {
      unsafe H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
    }
    let memory = try Handle(failure) { unsafe H5Screate_simple(2, count, nil) }
    try hdf5(failure) {
      unsafe H5Dwrite(
        array.id, NumberType.float64.inMemory, memory.id, space.id, cH5P_DEFAULT, values)
    }
    matrix = consume array
  }

  /// Ends the array begun last.
  mutating func endMatrix() { matrix = nil }
}
