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
  private let values: CSVValues
  private var records: CSVRecords
  private var clock: CSVClock
  /// Series by what names them in a row, so that labels are put together once.
  private var numbers: [[String]: Int] = [:]
  /// The series of all columns of a wide table, once there is a row.
  private var columns: [Int] = []

  init(file: SourceText, source: CSVSource) throws {
    (self.file, self.source, records) = (file, source, try CSVRecords(file))
    (clock, values) = (CSVClock(source), CSVValues(source.values))
    records.findDelimiter(source.delimiter)
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
    var rows = PlainRows(
      header, source, delimiter: records.delimiter, bounds: collector.series.bounds,
      limit: file.lineLimit)
    while true {
      if try rows?.take(from: &records) == true {
        try rows?.add(to: &collector.series, wideSeries(&collector))
        continue
      }
      guard try records.next(&record) else { return }
      guard !record.isTooLong else {
        noteRow("long_record", record, "more than \(file.lineLimit) bytes", &collector)
        continue
      }
      try record.requireClosedQuotes(in: file)
      guard !record.isDamaged, record.count == header.names.count else {
        noteRow(
          "wrong_field_count", record, "\(record.count) fields", &collector, count: record.lines)
        continue
      }
      guard record.isValidUTF8 else {
        let field = (0..<record.count).first { record.isReplaced($0) } ?? 0
        noteRow("invalid_utf8", record, inColumn(field, record), &collector)
        continue
      }
      let text = record.string(header.time).trimmingBlanks
      guard let reading = clock.read(text) else {
        noteRow("bad_time", record, quoted(text), &collector)
        continue
      }
      if header.sample == nil {
        try readWide(record, reading, &collector)
      } else {
        try readLong(record, reading, &collector)
      }
    }
  }

  /// The series of a wide table's columns without labels in rows, made with the first row.
  private mutating func wideSeries(_ collector: inout TelemetryCollector) throws -> [Int] {
    if columns.isEmpty {
      columns = try header.metrics.map { try number(of: $0, [""], &collector) }
    }
    return columns
  }

  /// The number of the series of a wide table's column.
  ///
  /// - Parameter owner: The service and the labels of the row.
  private mutating func number(
    of metric: CSVHeader.Metric, _ owner: [String], _ collector: inout TelemetryCollector
  ) throws -> Int {
    let key = owner + [header.names[metric.index]]
    if let number = numbers[key] { return number }
    let labels = metric.series.merging(labels(of: owner)) { $1 }
    let number = try collector.series.number(labels: labels, service: service(owner), in: file)
    numbers[key] = number
    return number
  }

  /// The service and the labels of a row.
  private func owner(of record: CSVRecords.Record) -> [String] {
    [header.service.map { record.string($0).trimmingBlanks } ?? ""]
      + header.labels.map { record.string($0) }
  }

  private func service(_ owner: [String]) -> String? {
    owner[0].isEmpty ? source.service : owner[0]
  }

  /// The labels of an owner that are not empty.
  private func labels(of owner: [String]) -> [String: String] {
    var labels: [String: String] = [:]
    for (index, value) in zip(header.labels, owner.dropFirst()) where !value.isEmpty {
      labels[header.names[index]] = value
    }
    return labels
  }

  /// Counts a row that is left out, with a sample for each of its metrics.
  private func noteRow(
    _ reason: String, _ record: CSVRecords.Record, _ detail: @autoclosure () -> String,
    _ collector: inout TelemetryCollector, count: Int = 1
  ) {
    collector.note(
      reason, .skipped, in: file, line: record.line, detail: detail(), count: count,
      samples: max(header.metrics.count, 1))
  }

  private func note(
    _ reason: String, _ record: CSVRecords.Record, _ detail: @autoclosure () -> String,
    _ collector: inout TelemetryCollector, as effect: IngestReport.Effect = .skipped
  ) {
    collector.note(reason, effect, in: file, line: record.line, detail: detail())
  }

  private func inColumn(_ index: Int, _ record: CSVRecords.Record) -> String {
    "\(quoted(record.string(index).trimmingBlanks)) in column \(quoted(header.names[index]))"
  }

  /// The instant of a row of an owner.
  private mutating func instant(
    _ reading: CSVClock.Reading, of owner: [String], _ record: CSVRecords.Record,
    _ collector: inout TelemetryCollector
  ) -> Int64 {
    let (time, remark) = clock.resolve(reading, of: owner)
    if let remark {
      note(
        remark, record, quoted(record.string(header.time).trimmingBlanks), &collector, as: .changed)
    }
    return time
  }

  private mutating func readWide(
    _ record: CSVRecords.Record, _ reading: CSVClock.Reading,
    _ collector: inout TelemetryCollector
  ) throws {
    let owner = owner(of: record)
    let time = instant(reading, of: owner, record, &collector)
    for metric in header.metrics {
      guard let value = value(record, metric.index, metric.unit, &collector) else { continue }
      let number = try number(of: metric, owner, &collector)
      try collector.series.append(value, at: time, to: number, line: record.line)
    }
  }

  private mutating func readLong(
    _ record: CSVRecords.Record, _ reading: CSVClock.Reading,
    _ collector: inout TelemetryCollector
  ) throws {
    guard let sample = header.sample else { return }
    let metric = record.string(sample.metric).trimmingBlanks
    guard let value = value(record, sample.value, source.units[metric], &collector) else { return }
    guard !metric.isEmpty else { return note("no_metric", record, "empty metric", &collector) }
    let owner = owner(of: record)
    let key = owner + [metric]
    if numbers[key] == nil {
      let labels = parseSeries(source.names[metric] ?? metric).merging(labels(of: owner)) { $1 }
      numbers[key] = try collector.series.number(
        labels: labels, service: service(owner), in: file)
    }
    guard let number = numbers[key] else { return }
    let time = instant(reading, of: key, record, &collector)
    try collector.series.append(value, at: time, to: number, line: record.line)
  }

  /// A field as a sample: NaN when it is empty, nil (and counted) when it is no number.
  private func value(
    _ record: CSVRecords.Record, _ index: Int, _ unit: MeasuredUnit?,
    _ collector: inout TelemetryCollector
  ) -> Double? {
    switch values.read(record.string(index).trimmingBlanks, unit: unit) {
    case .number(let value): return value
    case .converted(let value):
      note("converted_unit", record, inColumn(index, record), &collector, as: .changed)
      return value
    case .unknownUnit: note("unknown_unit", record, inColumn(index, record), &collector)
    case .malformed: note("bad_number", record, inColumn(index, record), &collector)
    }
    return nil
  }
}
