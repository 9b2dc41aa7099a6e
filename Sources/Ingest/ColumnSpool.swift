internal import Storage

/// Columns that are finished before it is their turn, in memory or, beyond a budget, in a scratch
/// file.
struct ColumnSpool {
  private let rows: Int
  private let folder: String
  /// How many more columns may stay in memory.
  private var room: Int
  private var held: [Int: [Double]] = [:]
  private var places: [Int: Int] = [:]
  private var file: ScratchFile?

  /// Makes an empty spool.
  ///
  /// - Parameters:
  ///   - budget: The bytes that columns may have in memory.
  ///   - folder: Where a scratch file goes once it is needed.
  init(rows: Int, budget: Int, folder: String) {
    (self.rows, self.folder, room) = (rows, folder, budget / max(1, 8 * rows))
  }

  /// Keeps a column, [rows].
  mutating func put(_ values: [Double], as column: Int) throws(StorageError) {
    precondition(values.count == rows, "\(values.count) values for \(rows) rows")
    if room > 0 {
      room -= 1
      held[column] = values
      return
    }
    let file = try openFile()
    let place = places.count * rows
    try file.write(values.map(\.bitPattern), at: place)
    places[column] = place
  }

  /// Gives back a column that was kept, once.
  mutating func take(_ column: Int) throws(StorageError) -> [Double] {
    if let values = held.removeValue(forKey: column) { return values }
    guard let file, let place = places[column] else {
      preconditionFailure("column \(column) was not kept")
    }
    return try file.read(count: rows, at: place).map { Double(bitPattern: $0) }
  }

  private mutating func openFile() throws(StorageError) -> ScratchFile {
    if let file { return file }
    let file = try ScratchFile(in: folder)
    self.file = file
    return file
  }
}
