/// What the columns of a table of metrics are for.
struct CSVHeader {
  /// A metric's column of a wide table.
  struct Metric {
    /// Which one it is.
    let index: Int
    /// The series without the labels of rows.
    let series: [String: String]
    /// The unit of values without one of their own.
    let unit: MeasuredUnit?
  }

  /// The names of all columns.
  let names: [String]
  /// The column of the instant.
  let time: Int
  /// The column of the service.
  let service: Int?
  /// The columns of a metric's name and value in the long layout.
  let sample: (metric: Int, value: Int)?
  /// The columns of metrics in the wide layout.
  let metrics: [Metric]
  /// The columns of labels.
  let labels: [Int]
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
    let isPanel = wanted.time == "time" && names.contains("Time")
    let wrong = IngestError.wrongHeader(
      path: file.path, found: names.joined(separator: ","),
      expected: Self.expected(source)
        + (isPanel ? "; a panel that Grafana saved is of the type grafana_csv" : ""))
    let named = names.filter { !$0.isEmpty }
    guard let time = names.firstIndex(of: wanted.time), Set(named).count == named.count,
      (wanted.labels ?? []).allSatisfy(names.contains)
    else { throw wrong }
    let unnamed = names.indices.filter { names[$0].isEmpty }
    let service = names.firstIndex(of: wanted.service)
    let taken = Set([time, service].compactMap { $0 } + unnamed)
    var others = names.indices.filter {
      !taken.contains($0) && !wanted.ignored.contains(names[$0])
    }
    switch (source.layout, metric, value) {
    case (.long, .some(let metric), .some(let value)), (.auto, .some(let metric), .some(let value)):
      sample = (metric, value)
      labels = others.filter {
        $0 != metric && $0 != value && wanted.labels?.contains(names[$0]) != false
      }
      metrics = []
    // A column of metrics' names without one of their values is a long table with a wrong name.
    case (.wide, _, _), (.auto, nil, _):
      sample = nil
      labels = others.filter { wanted.labels?.contains(names[$0]) == true }
      others.removeAll(where: labels.contains)
      metrics = others.map { Self.metric($0, names[$0], source) }
      guard !metrics.isEmpty, Set(source.names.keys).union(source.units.keys).isSubset(of: names)
      else { throw wrong }
    case (.long, _, _), (.auto, _, _): throw wrong
    }
    (self.names, self.time, self.service, self.unnamed) = (names, time, service, unnamed)
  }

  /// The metric that a column of a wide table is named after.
  private static func metric(_ index: Int, _ name: String, _ source: CSVSource) -> Metric {
    var (bare, unit) = (name, source.units[name])
    if source.values == .formatted, let (rest, found) = unitAtEnd(of: name) {
      (bare, unit) = (rest, unit ?? found)
    }
    return Metric(index: index, series: parseSeries(source.names[name] ?? bare), unit: unit)
  }

  /// A name such as `latency (ms)` or `memory [GiB]` without its unit; nil when it has none.
  private static func unitAtEnd(of name: String) -> (name: String, unit: MeasuredUnit)? {
    for (open, close) in [("(", ")"), ("[", "]")] where name.hasSuffix(close) {
      guard let index = name.lastIndex(of: Character(open)),
        let unit = MeasuredUnit(name[name.index(after: index)...].dropLast())
      else { continue }
      let rest = name[..<index].trimmingBlanks
      if !rest.isEmpty { return (rest, unit) }
    }
    return nil
  }

  private static func expected(_ source: CSVSource) -> String {
    let columns = source.columns
    let long = [columns.time, columns.metric, columns.value].map(quoted).joined(separator: ", ")
    let wide = "the column \(quoted(columns.time)) and at least one metric"
    let named = Set(columns.labels ?? []).union(source.names.keys).union(source.units.keys)
    let list = named.sorted().map(quoted).joined(separator: ", ")
    let others = named.isEmpty ? "" : " and, as configured, \(list)"
    return switch source.layout {
    case .wide: "\(wide), each once\(others)"
    case .long: "the columns \(long), each once\(others)"
    case .auto: "\(wide) (wide), or the columns \(long) (long), each once\(others)"
    }
  }
}
