internal import Storage
internal import Telemetry

/// Reads incidents from comma-separated values, or takes them as records the caller has parsed.
struct IncidentReader: SourceReader {
  let source: IncidentsSource

  func read(into collector: inout TelemetryCollector) throws {
    let file = try collector.open(source.path, type: "incidents")
    for record in try source.records ?? table(file) {
      try collector.add(try incident(record), place: record.place)
    }
  }

  private func table(_ file: SourceText) throws -> [IncidentRecord] {
    var lines = try CSVRecords(file)
    var record = CSVRecords.Record()
    guard try lines.next(&record) else {
      throw IngestError.wrongHeader(path: file.path, found: "", expected: Self.expectedHeader)
    }
    guard record.isValidUTF8 else {
      throw IngestError.malformed(
        path: file.path, line: record.line, reason: "not UTF-8; save the file as UTF-8")
    }
    let names = (0..<record.count).map { record.string($0).trimmingBlanks }
    guard names.contains("id"), names.contains("start"),
      names.contains("resolved") || names.contains("end")
    else {
      throw IngestError.wrongHeader(
        path: file.path, found: names.joined(separator: ","), expected: Self.expectedHeader)
    }
    var records: [IncidentRecord] = []
    while try lines.next(&record) {
      guard !record.isDamaged, record.count == names.count else {
        throw IngestError.malformed(
          path: file.path, line: record.line,
          reason: record.isTooLong
            ? "a record of more than \(file.lineLimit) bytes"
            : record.isDamaged
              ? "text after a closing quote, or a quote that is never closed"
              : "\(record.count) fields where the header has \(names.count)")
      }
      guard record.isValidUTF8 else {
        throw IngestError.malformed(
          path: file.path, line: record.line, reason: "not UTF-8; save the file as UTF-8")
      }
      var fields: [String: String] = [:]
      for (index, name) in names.enumerated() { fields[name] = record.string(index) }
      records.append(IncidentRecord(fields: fields, place: "\(file.path):\(record.line)"))
    }
    return records
  }

  private static let expectedHeader =
    "at least 'id', 'start' and one of 'resolved' and 'end', as in "
    + "'id,service,kind,start,detected,resolved'"

  private func incident(_ record: IncidentRecord) throws(IngestError) -> Incident {
    let text = { (names: [String]) -> String? in
      names.lazy.compactMap { record.fields[$0]?.trimmingBlanks }.first { !$0.isEmpty }
    }
    let time = { (names: [String]) throws(IngestError) -> Timestamp? in
      guard let value = text(names) else { return nil }
      guard let time = Timestamp(rfc3339: value) else {
        throw .invalidIncident(
          place: record.place,
          reason: "\(names[0]) \(quoted(value)) is not an instant such as 2026-11-23T08:00:00Z")
      }
      return time
    }
    let invalid = { (reason: String) -> IngestError in
      .invalidIncident(place: record.place, reason: reason)
    }
    guard let id = text(["id"]) else { throw invalid("incident without an id") }
    guard let start = try time(["start"]) else {
      throw invalid("incident \(quoted(id)) has no start")
    }
    guard let resolved = try time(["resolved", "end"]) else {
      throw invalid("incident \(quoted(id)) has neither resolved nor end")
    }
    guard start < resolved else {
      throw invalid("incident \(quoted(id)) ends at \(resolved), not after its start \(start)")
    }
    let detected = try time(["detected"])
    if let detected, detected < start {
      throw invalid("incident \(quoted(id)) was detected at \(detected), before its start \(start)")
    }
    return Incident(
      id: id, service: text(["service"]), kind: text(["kind", "type"]) ?? "", start: start,
      detected: detected, resolved: resolved, role: source.role)
  }
}
