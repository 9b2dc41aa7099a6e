internal import Storage
public import Telemetry

/// Reads an incidents file, as ingest does, whatever time it is of.
///
/// - Returns: The incidents in ascending order of start.
/// - Throws: `IngestError` naming file and line.
public func readIncidents(_ source: IncidentsSource) throws(IngestError) -> [Incident] {
  let configuration = IngestConfiguration(interval: .minutes(1), sources: [])
  var collector = TelemetryCollector(configuration, isIdentifying: false) { _ in }
  do {
    try IncidentReader(source: source).read(into: &collector)
    try collector.finishFile()
    return collector.incidents.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
  } catch let error as IngestError {
    throw error
  } catch let error as StorageError {
    throw .storage(error)
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
}
