internal import Telemetry

/// One line about what ingest read and left out.
func ingestLine(_ report: IngestReport) -> String {
  var line =
    "ingested  \(report.samples) samples in \(report.series) series, \(report.logLines) log lines"
  if report.gaps > 0 {
    line += "; \(report.gaps) gaps of \(report.gapCells) cells in all"
  }
  if report.skipped > 0 {
    var counts: [String: Int] = [:]
    for defect in report.defects where defect.effect == .skipped {
      counts[defect.reason, default: 0] += defect.count
    }
    let reasons = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    line += "; skipped \(report.skipped) (\(reasons))"
  }
  if let empty = report.emptyTime { line += "; \(empty.example)" }
  return line
}
