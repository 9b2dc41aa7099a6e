import Foundation
import Testing

@Suite struct LogFileCommandTests {
  @Test func `log files named by options become a dataset`() throws {
    let workspace = try Workspace()
    try workspace.write("app.log", "2026-07-01 10:00:05 E disk full\n2026-07-01 10:10:00 I fine\n")
    try workspace.write("syslog", "Jul  1 10:00:30 host cron[1]: run\n")
    try workspace.write("web.log", "2026-07-01T08:01:00Z stdout F up\n")
    let result = try Tool.run(
      [
        "ingest", "--pattern", "app.log", "--expression",
        #"(?<time>\S+ \S+) (?<level>\w) (?<message>.*)"#, "--syslog", "syslog", "--container-logs",
        "web.log", "--year", "2026", "--time-zone", "Europe/Berlin", "--out", "data",
      ], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("3 services, 10 cells of 1m from 2026-07-01T08:00:00Z"))
  }

  @Test func `a panel of Grafana named by an option has the clock and the units it says`() throws {
    let workspace = try Workspace()
    try workspace.write(
      "panel.csv", "\"Time\",\"p95 (ms)\"\n2026-07-01 10:00:00,350\n2026-07-01 10:01:00,1 s\n")
    let ingest = ["ingest", "--out", "data", "--time-zone", "Europe/Berlin"]
    let result = try Tool.run(ingest + ["--grafana-csv", "panel.csv"], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("2026-07-01T08:0"), "\(result.output)")
    let wrong = try Tool.run(["ingest", "--csv", "panel.csv"], in: workspace.path)
    #expect(wrong.code == 4 && wrong.errors.contains("of the type grafana_csv"))
  }

  @Test(arguments: [
    (["--pattern", "app.log"], "--pattern needs --expression"),
    (["--expression", "x"], "name a file with --pattern"),
    (["--syslog", "a", "--time-zone", "CEST"], "--time-zone 'CEST'"),
    (["--pattern", "a", "--expression", "x", "--time-format", "%q"], "character 1"),
    (["--csv", "a.csv", "--time-zone", "Europe/Berlin"], "--time-zone is for --syslog"),
    (["--syslog", "a", "--multiline"], "name a file with --pattern"),
    (["--openmetrics", "a.om", "--year", "2026"], "--year is for the times of --syslog"),
  ])
  func `options that do not fit together are refused`(_ options: [String], _ part: String) throws {
    let workspace = try Workspace()
    let result = try Tool.run(["ingest"] + options, in: workspace.path)
    #expect(result.code == 64)
    #expect(result.errors.contains(part), "\(result.errors)")
  }
}
