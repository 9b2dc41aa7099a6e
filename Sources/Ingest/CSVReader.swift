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
  private var records: CSVRecords
  private let header: [String]
  private let time: Int
  private let service: Int?
  /// The columns of a metric's name and value in the long layout.
  private let sample: (metric: Int, value: Int)?
  /// The other columns: metrics in the wide layout, labels in the long one.
  private let others: [Int]
  /// Series by what names them in a row, so that labels are put together once.
  private var numbers: [[String]: Int] = [:]

  init(file: SourceText, source: CSVSource) throws(IngestError) {
    (self.file, self.source, records) = (file, source, CSVRecords(file.bytes))
    var record = CSVRecords.Record()
    let isThere = records.next(&record)
    header = isThere ? (0..<record.count).map { record.string($0).trimmingBlanks } : []
    let names = source.columns
    let isLong = source.layout == .long
    let required = isLong ? [names.time, names.metric, names.value] : [names.time]
    guard let time = header.firstIndex(of: names.time),
      required.allSatisfy(header.contains), isLong || header.count > 1,
      Set(header).count == header.count
    else {
      let list = required.map { "'\($0)'" }.joined(separator: ", ")
      throw .wrongHeader(
        path: file.path, found: header.joined(separator: ","),
        expected: isLong
          ? "the columns \(list), each once"
          : "the column \(list) and at least one metric, each once")
    }
    self.time = time
    service = header.firstIndex(of: names.service)
    var taken = [time, service]
    if isLong, let metric = header.firstIndex(of: names.metric),
      let value = header.firstIndex(of: names.value)
    {
      sample = (metric, value)
      taken += [metric, value]
    } else {
      sample = nil
    }
    others = header.indices.filter { !taken.contains($0) }
  }

  mutating func read(into collector: inout TelemetryCollector) throws {
    var record = CSVRecords.Record()
    while records.next(&record) {
      guard !record.isDamaged, record.count == header.count else {
        skip("wrong_field_count", record, "\(record.count) fields", &collector)
        continue
      }
      let text = record.string(time).trimmingBlanks
      guard let time = instant(text, source.timeFormat) else {
        skip("bad_time", record, "'\(text)'", &collector)
        continue
      }
      if sample == nil {
        try readWide(record, time, &collector)
      } else {
        try readLong(record, time, &collector)
      }
    }
  }

  private func skip(
    _ reason: String, _ record: CSVRecords.Record, _ detail: String,
    _ collector: inout TelemetryCollector
  ) {
    collector.report.note(
      reason, .skipped, in: file.name, example: "line \(record.line): \(detail)")
  }

  private mutating func readWide(
    _ record: CSVRecords.Record, _ time: Int64, _ collector: inout TelemetryCollector
  ) throws {
    let service = self.service.map { record.string($0).trimmingBlanks } ?? ""
    for index in others {
      guard let value = value(record, index, &collector) else { continue }
      let key = [service, header[index]]
      let number =
        try numbers[key]
        ?? collector.series.number(
          labels: parseSeries(header[index]), service: service.isEmpty ? source.service : service,
          in: file)
      numbers[key] = number
      collector.series.append(value, at: time, to: number)
    }
  }

  private mutating func readLong(
    _ record: CSVRecords.Record, _ time: Int64, _ collector: inout TelemetryCollector
  ) throws {
    guard let sample, let value = value(record, sample.value, &collector) else { return }
    let service = self.service.map { record.string($0).trimmingBlanks } ?? ""
    let metric = record.string(sample.metric).trimmingBlanks
    guard !metric.isEmpty else { return skip("no_metric", record, "empty metric", &collector) }
    let key = [service, metric] + others.map { record.string($0) }
    if numbers[key] == nil {
      var labels = parseSeries(metric)
      for (index, value) in zip(others, key.dropFirst(2)) where !value.isEmpty {
        labels[header[index]] = value
      }
      numbers[key] = try collector.series.number(
        labels: labels, service: service.isEmpty ? source.service : service, in: file)
    }
    if let number = numbers[key] { collector.series.append(value, at: time, to: number) }
  }

  /// A field as a sample: NaN when it is empty, nil (and counted) when it is no number.
  private func value(
    _ record: CSVRecords.Record, _ index: Int, _ collector: inout TelemetryCollector
  ) -> Double? {
    let text = record.string(index).trimmingBlanks
    if text.isEmpty { return .nan }
    if let value = Double(text) { return value }
    skip("bad_number", record, "'\(text)' in column '\(header[index])'", &collector)
    return nil
  }
}

/// An instant in milliseconds since 1970; nil when the text has another form.
func instant(_ text: String, _ format: CSVSource.TimeFormat) -> Int64? {
  switch format {
  case .auto:
    if text.dropFirst().utf8.contains(0x2D) { return instant(text, .rfc3339) }
    guard let number = Double(text) else { return nil }
    return instant(text, number.magnitude >= 1e11 ? .unixMilliseconds : .unixSeconds)
  case .rfc3339: return Timestamp(rfc3339: text)?.milliseconds
  case .unixSeconds, .unixMilliseconds:
    guard let number = Double(text) else { return nil }
    let milliseconds = (format == .unixSeconds ? number * 1000 : number).rounded()
    return milliseconds.magnitude < 253_402_300_800_000 ? Int64(milliseconds) : nil
  }
}
