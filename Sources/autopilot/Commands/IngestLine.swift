internal import Telemetry

/// One line about what ingest read and left out.
func ingestLine(_ report: IngestReport) -> String {
  var line =
    "ingested  \(report.samples) samples in \(report.series) series, \(report.logLines) log lines"
  if report.skipped > 0 {
    let reasons = report.defects.filter { $0.effect == .skipped }
      .map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
    line += "; skipped \(report.skipped) (\(reasons))"
  }
  return line
}
