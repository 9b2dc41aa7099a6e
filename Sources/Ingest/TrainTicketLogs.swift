internal import LogTemplates
internal import Storage
internal import Telemetry

/// Reads the log tables of the TrainTicket data, one after the other.
///
/// The tables are not sorted and partly contain each other, so records that are equal to one read
/// before are dropped. What counts as time is the `time` that the container runtime wrote into the
/// JSON of a record: the columns before it are wrong in some records. Logs were recorded only for
/// the stretch of each file.
struct TrainTicketLogs {
  private static let header = [
    "Timestamp", "TimeUnixNano", "Node", "PodName", "Container", "TraceID", "SpanID", "Log",
  ]

  /// 128 bits that tell records apart: two FNV-1a hashes with different starts.
  private struct Digest: Hashable {
    var first: UInt64 = 0xCBF2_9CE4_8422_2325
    var second: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(_ bytes: ArraySlice<UInt8>) {
      for byte in bytes {
        first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        second = (second &+ UInt64(byte)) &* 0xD6E8_FEB8_6659_FD93
        second ^= second >> 32
      }
    }
  }

  private var seen: Set<Digest> = []

  /// Reads one table.
  mutating func read(_ file: SourceText, into collector: inout TelemetryCollector) throws {
    var records = try CSVRecords(file)
    var record = CSVRecords.Record()
    let isThere = try records.next(&record)
    let header = isThere ? (0..<record.count).map { record.string($0) } : []
    guard header == Self.header else {
      throw IngestError.wrongHeader(
        path: file.path, found: header.joined(separator: ","),
        expected: "'\(Self.header.joined(separator: ","))'")
    }
    var span: ClosedRange<Int64>?
    var number = 0
    while try records.next(&record) {
      try record.requireClosedQuotes(in: file)
      number += 1
      collector.report.logLines += 1
      let place = Place(file: file, record: number, line: record.line)
      guard !record.isTooLong else {
        note("long_record", .skipped, place, "more than \(file.lineLimit) bytes", &collector)
        continue
      }
      guard let entry = entry(of: record, file: file) else {
        note("damaged_record", .skipped, place, "", &collector)
        continue
      }
      widen(&span, by: entry.time.milliseconds)
      guard seen.insert(Digest(records.window.bytes[record.range])).inserted else {
        note("duplicate_record", .skipped, place, "", &collector)
        continue
      }
      if Int64(record.string(1)).map(millisecondsFloored) != entry.time.milliseconds {
        note("wrong_time_unix_nano", .changed, place, foreign(record.string(1)), &collector)
      }
      if !record.isValidUTF8 {
        note("invalid_utf8", .changed, place, quoted(entry.line), &collector)
      }
      try collector.logs.add(
        Array(entry.line.utf8), at: entry.time.milliseconds,
        service: deployment(ofPod: record.string(3)), fallback: .unknown, origin: .recording,
        lineNumber: record.line, stream: StreamIdentity(record.string(3)),
        microseconds: entry.microseconds)
    }
    if let span { collector.logs.cover(span.lowerBound, span.upperBound, origin: .recording) }
  }

  /// The time and text in a record's JSON; nil when the record or its JSON is damaged.
  private func entry(
    of record: CSVRecords.Record, file: SourceText
  ) -> (time: Timestamp, microseconds: Int, line: String)? {
    guard !record.isDamaged, record.count == Self.header.count else { return nil }
    let json = record[7]
    var reader = JSONReader(repaired(json) ?? Array(json), source: file.path)
    var (line, stamp): (String?, String?) = (nil, nil)
    do {
      try reader.object { key, reader in
        switch key {
        case "log": line = try reader.string()
        case "time": stamp = try reader.string()
        default: try reader.skip()
        }
      }
      try reader.expectEnd()
    } catch {
      return nil
    }
    guard let line, let stamp, let time = Timestamp(rfc3339: stamp) else { return nil }
    return (time, microseconds(writtenIn: stamp), line)
  }

  /// Where a record stands.
  private struct Place {
    var file: SourceText
    var record: Int
    var line: Int
  }

  private func note(
    _ reason: String, _ effect: IngestReport.Effect, _ place: Place,
    _ detail: @autoclosure () -> String, _ collector: inout TelemetryCollector
  ) {
    collector.note(
      reason, effect, in: TrainTicketReader.name, file: place.file, line: place.line,
      detail: detail(), place: "\(place.file.name) record \(place.record), line \(place.line)")
  }
}
