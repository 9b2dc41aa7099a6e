import Ingest
import Pipeline
import Telemetry
import Testing

/// The sources of a configuration with these lines in its list of sources.
private func sources(_ lines: String) throws -> [SourceConfiguration] {
  let list = lines.split(separator: "\n").map { "    - \($0)\n" }.joined()
  let text = "name: shop\nreader:\n  sources:\n" + list
  return try PipelineConfiguration(
    ConfigurationNode(parsing: text, file: "run.yaml", environment: [:]), folder: "conf"
  ).reader.sources
}

private func message(_ line: String) -> String {
  do {
    return "accepted: \(try sources(line))"
  } catch {
    return "\(error)"
  }
}

@Suite struct LogSourceTests {
  @Test func `log files are sources with all that their formats need`() throws {
    let expression = #"(?<time>\S+) (?<message>.*)"#
    let berlin = try #require(LocalZone("Europe/Berlin"))
    let read = try sources(
      #"""
      {type: container_logs, path: pods, service: shop}
      {type: syslog, path: syslog, year: 2026, time_zone: Europe/Berlin}
      {type: syslog, path: syslog}
      {type: pattern, path: app.log, expression: '\#(expression)', multiline: true, time_format: '%F %T'}
      {type: pattern, path: app.log, expression: '\#(expression)', time_format: auto, time_zone: "+02:00"}
      """#)
    #expect(
      read == [
        .containerLogs(ContainerLogSource(path: "conf/pods", service: "shop")),
        .syslog(SyslogSource(path: "conf/syslog", year: 2026, zone: berlin)),
        .syslog(SyslogSource(path: "conf/syslog")),
        .pattern(
          PatternSource(
            path: "conf/app.log", expression: expression, timeFormat: try TimePattern("%F %T"),
            isMultiline: true)),
        .pattern(
          PatternSource(
            path: "conf/app.log", expression: expression,
            zone: try #require(LocalZone("+02:00")))),
      ])
  }

  @Test(arguments: [
    ("{type: syslog, path: a, time_zone: CEST}", "a place such as Europe/Berlin"),
    ("{type: syslog, path: a, year: 20260}", "year"),
    ("{type: syslog, path: a, expression: x}", "expression"),
    ("{type: pattern, path: a}", "expression"),
    ("{type: pattern, path: a, expression: '(?<time>'}", "parenthesis at character 9"),
    ("{type: pattern, path: a, expression: '(?<when>x)'}", "no group named 'time'"),
    ("{type: pattern, path: a, expression: '(?<time>x)', time_format: '%F %q'}", "character 4"),
    ("{type: pattern, path: a, expression: '(?<time>x)', time_format: '%b %d %T'}", "'year'"),
  ])
  func `what no log can be read with is an error with its line`(_ line: String, _ part: String) {
    let text = message(line)
    #expect(text.contains(part) && text.contains("run.yaml:4"), "\(text)")
  }
}
