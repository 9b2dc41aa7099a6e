/// What the columns of a table of metrics are for.
struct CSVHeader {
  /// The names of all columns.
  let names: [String]
  /// The column of the instant.
  let time: Int
  /// The column of the service.
  let service: Int?
  /// The columns of a metric's name and value in the long layout.
  let sample: (metric: Int, value: Int)?
  /// The other columns: metrics in the wide layout, labels in the long one.
  let others: [Int]
  /// Columns without a name, such as a row number, which are left out.
  let unnamed: [Int]

  /// Reads a header.
  ///
  /// - Parameter record: The file's first record; without fields when there is none.
  /// - Throws: `IngestError.wrongHeader` when the columns fit no layout that the source may have.
  init(_ record: CSVRecords.Record, file: SourceText, source: CSVSource) throws(IngestError) {
    guard record.isValidUTF8 else {
      throw .malformed(
        path: file.path, line: max(record.line, 1),
        reason: "the header is not UTF-8; save the file as UTF-8")
    }
    let names = (0..<record.count).map { record.string($0).trimmingBlanks }
    let wanted = source.columns
    let (metric, value) = (names.firstIndex(of: wanted.metric), names.firstIndex(of: wanted.value))
    let wrong = IngestError.wrongHeader(
      path: file.path, found: names.joined(separator: ","), expected: Self.expected(source))
    let named = names.filter { !$0.isEmpty }
    guard let time = names.firstIndex(of: wanted.time), Set(named).count == named.count else {
      throw wrong
    }
    let unnamed = names.indices.filter { names[$0].isEmpty }
    let service = names.firstIndex(of: wanted.service)
    let taken = [time, service].compactMap { $0 } + unnamed
    switch (source.layout, metric, value) {
    case (.long, .some(let metric), .some(let value)), (.auto, .some(let metric), .some(let value)):
      sample = (metric, value)
      others = names.indices.filter { !(taken + [metric, value]).contains($0) }
    // A column of metrics' names without one of their values is a long table with a wrong name.
    case (.wide, _, _), (.auto, nil, _):
      sample = nil
      others = names.indices.filter { !taken.contains($0) }
      guard !others.isEmpty else { throw wrong }
    case (.long, _, _), (.auto, _, _): throw wrong
    }
    (self.names, self.time, self.service, self.unnamed) = (names, time, service, unnamed)
  }

  private static func expected(_ source: CSVSource) -> String {
    let columns = source.columns
    let long = [columns.time, columns.metric, columns.value].map(quoted).joined(separator: ", ")
    let wide = "the column \(quoted(columns.time)) and at least one metric"
    return switch source.layout {
    case .wide: "\(wide), each once"
    case .long: "the columns \(long), each once"
    case .auto: "\(wide) (wide), or the columns \(long) (long), each once"
    }
  }
}
