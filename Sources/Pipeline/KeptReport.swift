internal import Ingest
internal import Storage
internal import Telemetry

/// Runs an ingest; when more is lost than the budget of defects allows, writes its report into a
/// folder, so that people can see all reasons.
///
/// - Parameter folder: Where `ingest.json` goes.
/// - Throws: What `ingest` throws, an exceeded budget with the report's path in its message.
public func keepingReport<Result>(
  in folder: String, _ ingest: () throws -> Result
) throws -> Result {
  do {
    return try ingest()
  } catch IngestError.overBudget(let skipped, let allowed, let report, _) {
    let path = "\(folder)/\(RunResults.ingestFile)"
    try FileSystem.createDirectories(at: folder)
    try FileSystem.writeFileAtomically(Array(report.json().text(indented: true).utf8), to: path)
    throw IngestError.overBudget(skipped, allowed: allowed, report: report, reportPath: path)
  }
}
