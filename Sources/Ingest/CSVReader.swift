internal import Storage
internal import Telemetry

/// Reads metrics from comma-separated values.
struct CSVReader: SourceReader {
  let source: CSVSource

  func read(into collector: inout TelemetryCollector) throws {
    for path in try collector.files(at: source.path) {
      let file = try collector.open(path, type: "csv")
      var table = try CSVTable(file: file, source: source)
      try table.read(into: &collector)
    }
  }
}

/// One file of metrics.
private struct CSVTable {
  private let file: SourceText
  private let source: CSVSource
  private let header: CSVHeader
  private var records: CSVRecords
  /// Series by what names them in a row, so that labels are put together once.
  private var numbers: [[String]: Int] = [:]

  init(file: SourceText, source: CSVSource) throws {
    (self.file, self.source, records) = (file, source, try CSVRecords(file))
    var record = CSVRecords.Record()
    _ = try records.next(&record)
    header = try CSVHeader(record, file: file, source: source)
  }

  mutating func read(into collector: inout TelemetryCollector) throws {
    var record = CSVRecords.Record()
    if !header.unnamed.isEmpty {
      collector.note(
        "unnamed_column", .skipped, in: file, line: 1,
        detail: "column \(header.unnamed[0] + 1) of \(header.names.count)",
        count: header.unnamed.count)
    }
    var rows = plainRows(collector.series.bounds)
    while true {
      if rows != nil { try takeRows(&rows, &collector) }
      guard try records.next(&record) else { return }
      guard !record.isTooLong else {
        skip("long_record", record, "more than \(file.lineLimit) bytes", &collector)
        continue
      }
      try record.requireClosedQuotes(in: file)
      guard !record.isDamaged, record.count == header.names.count else {
        collector.note(
          "wrong_field_count", .skipped, in: file, line: record.line,
          detail: "\(record.count) fields", count: record.lines)
        continue
      }
      guard record.isValidUTF8 else {
        let field = (0..<record.count).first { record.isReplaced($0) } ?? 0
        skip("invalid_utf8", record, inColumn(field, record), &collector)
        continue
      }
      let text = record.string(header.time).trimmingBlanks
      guard let time = instant(text, source.timeFormat) else {
        skip("bad_time", record, quoted(text), &collector)
        continue
      }
      if header.sample == nil {
        try readWide(record, time, &collector)
      } else {
        try readLong(record, time, &collector)
      }
    }
  }

  /// Where rows of a wide table go that can be taken many at a time; nil when the header does not
  /// allow it: rows are `time,metric,…`, and each column is a series of its own.
  private func plainRows(_ bounds: InstantBounds) -> RowBuffer? {
    let metrics = header.others.map { header.names[$0] }
    guard header.sample == nil, header.time == 0, header.others.count == header.names.count - 1,
      Set(metrics.map(parseSeries)).count == metrics.count
    else { return nil }
    let unit: RowBuffer.TimeUnit
    switch source.timeFormat {
    case .auto: unit = .auto
    case .unixSeconds: unit = .seconds
    case .unixMilliseconds: unit = .milliseconds
    case .rfc3339: return nil
    }
    return RowBuffer(
      columns: metrics.count, unit: unit, bounds: bounds.range, limit: file.lineLimit)
  }

  /// Takes rows as `readWide` does as long as they have the plain form.
  private mutating func takeRows(
    _ buffer: inout RowBuffer?, _ collector: inout TelemetryCollector
  ) throws {
    guard var rows = buffer.take() else { return }
    defer { buffer = rows }
    while true {
      records.takeRows(into: &rows)
      guard rows.count > 0 else { return }
      // The first row names the series in the order of the columns.
      let series = try header.others.map { try number(of: $0, service: "", &collector) }
      for (column, number) in series.enumerated() {
        try collector.series.append(rows.column(column), at: rows.times, to: number)
      }
    }
  }

  /// The number of the series of a wide table's column.
  private mutating func number(
    of column: Int, service: String, _ collector: inout TelemetryCollector
  ) throws -> Int {
    let key = [service, header.names[column]]
    if let number = numbers[key] { return number }
    let number = try collector.series.number(
      labels: parseSeries(header.names[column]),
      service: service.isEmpty ? source.service : service, in: file)
    numbers[key] = number
    return number
  }

  private func skip(
    _ reason: String, _ record: CSVRecords.Record, _ detail: @autoclosure () -> String,
    _ collector: inout TelemetryCollector
  ) {
    collector.note(reason, .skipped, in: file, line: record.line, detail: detail())
  }

  private func inColumn(_ index: Int, _ record: CSVRecords.Record) -> String {
    "\(quoted(record.string(index).trimmingBlanks)) in column \(quoted(header.names[index]))"
  }

  private mutating func readWide(
    _ record: CSVRecords.Record, _ time: Int64, _ collector: inout TelemetryCollector
  ) throws {
    let service = header.service.map { record.string($0).trimmingBlanks } ?? ""
    for index in header.others {
      guard let value = value(record, index, &collector) else { continue }
      let number = try number(of: index, service: service, &collector)
      try collector.series.append(value, at: time, to: number, line: record.line)
    }
  }

  private mutating func readLong(
    _ record: CSVRecords.Record, _ time: Int64, _ collector: inout TelemetryCollector
  ) throws {
    guard let sample = header.sample, let value = value(record, sample.value, &collector) else {
      return
    }
    let service = header.service.map { record.string($0).trimmingBlanks } ?? ""
    let metric = record.string(sample.metric).trimmingBlanks
    guard !metric.isEmpty else { return skip("no_metric", record, "empty metric", &collector) }
    let key = [service, metric] + header.others.map { record.string($0) }
    if numbers[key] == nil {
      var labels = parseSeries(metric)
      for (index, value) in zip(header.others, key.dropFirst(2)) where !value.isEmpty {
        labels[header.names[index]] = value
      }
      numbers[key] = try collector.series.number(
        labels: labels, service: service.isEmpty ? source.service : service, in: file)
    }
    if let number = numbers[key] {
      try collector.series.append(value, at: time, to: number, line: record.line)
    }
  }

  /// A field as a sample: NaN when it is empty, nil (and counted) when it is no number.
  private func value(
    _ record: CSVRecords.Record, _ index: Int, _ collector: inout TelemetryCollector
  ) -> Double? {
    let text = record.string(index).trimmingBlanks
    if text.isEmpty { return .nan }
    if let value = Double(text) { return value }
    skip("bad_number", record, inColumn(index, record), &collector)
    return nil
  }
}

/// An instant in milliseconds since 1970; nil when the text has another form. Without a zone it is
/// UTC. Whether it makes sense is left to `InstantBounds`.
func instant(_ text: String, _ format: CSVSource.TimeFormat) -> Int64? {
  switch format {
  case .auto:
    if text.dropFirst().utf8.contains(0x2D) { return instant(text, .rfc3339) }
    guard let number = Double(text) else { return nil }
    return instant(text, number.magnitude >= 1e11 ? .unixMilliseconds : .unixSeconds)
  case .rfc3339: return Timestamp(rfc3339: text)?.milliseconds
  case .unixSeconds, .unixMilliseconds:
    guard let number = Double(text), number.isFinite else { return nil }
    return wholeMilliseconds(format == .unixSeconds ? number * 1000 : number)
  }
}
