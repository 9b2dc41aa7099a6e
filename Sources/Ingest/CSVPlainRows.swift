internal import Storage

/// Rows `time,number,…` of a wide table, which are taken many at a time as long as they are written
/// plainly. What becomes of them is what becomes of rows that are read one by one.
struct PlainRows {
  private var rows: RowBuffer

  /// Makes room for rows of a table; nil when its header or its instants do not allow it.
  ///
  /// - Parameters:
  ///   - delimiter: What separates fields.
  ///   - bounds: The instants that a row may have.
  ///   - limit: The most bytes of a row.
  init?(
    _ header: CSVHeader, _ source: CSVSource, delimiter: UInt8, bounds: InstantBounds, limit: Int
  ) {
    let metrics = header.metrics
    guard delimiter == 0x2C, source.timePattern == nil, header.sample == nil, header.time == 0,
      metrics.count == header.names.count - 1, metrics.allSatisfy({ $0.unit?.isBase != false })
    else { return nil }
    let unit: RowBuffer.TimeUnit
    switch source.timeFormat {
    case .auto: unit = .auto
    case .unixSeconds: unit = .seconds
    case .unixMilliseconds: unit = .milliseconds
    case .rfc3339: return nil
    }
    rows = RowBuffer(
      columns: metrics.count, unit: unit, bounds: bounds.range, limit: limit)
  }

  /// Takes the next rows in the place of those before; false when the next row is not plain.
  mutating func take(from records: inout CSVRecords) throws(StorageError) -> Bool {
    rows.removeAll()
    try records.takeRows(into: &rows)
    return rows.count > 0
  }

  /// Adds the rows to series.
  ///
  /// - Parameter numbers: The series of each column.
  func add(to series: inout SeriesCollector, _ numbers: [Int]) throws(IngestError) {
    if Set(numbers).count == numbers.count {
      return try series.append(columnsOf: rows, to: numbers)
    }
    // Two columns may be one series, `a{x="1",y="2"}` and `a{y="2",x="1"}`; its samples come row by row.
    for row in rows.times.indices {
      for (column, number) in numbers.enumerated() {
        let values = rows.column(column)
        try series.append(values[values.startIndex + row], at: rows.times[row], to: number)
      }
    }
  }
}
