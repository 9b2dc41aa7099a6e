internal import ArgumentParser
internal import Ingest
internal import Pipeline
internal import Telemetry

/// Log files named on the command line.
struct LogFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Logs of containers, CRI or Docker, or a folder such as /var/log/pods; may be repeated.",
      valueName: "file"))
  var containerLogs: [String] = []

  @Option(
    help: ArgumentHelp("Syslog, RFC 5424 or 3164, or a folder; may be repeated.", valueName: "file")
  )
  var syslog: [String] = []

  @Option(
    help: ArgumentHelp(
      "Logs in the form of --expression, or a folder; may be repeated.", valueName: "file"))
  var pattern: [String] = []

  @Option(
    help: ArgumentHelp(
      "What a line of --pattern looks like: a regular expression with the group (?<time>…), and "
        + "optionally (?<message>…), (?<level>…) and (?<service>…).", valueName: "regex"))
  var expression: String?

  @Option(
    help: ArgumentHelp(
      "How times of --pattern are written, such as '%d/%b/%Y:%H:%M:%S %z'.", valueName: "format"))
  var timeFormat = "auto"

  @Flag(help: "Lines of --pattern that do not match continue the message before them.")
  var multiline = false

  @Option(help: "The year of a log's first line where its times have none.")
  var year: Int?

  @Option(
    help: ArgumentHelp(
      "The zone of log times that state none, such as Europe/Berlin or +02:00.", valueName: "zone"))
  var timeZone = "UTC"

  var isEmpty: Bool { paths.isEmpty }

  /// All files named.
  var paths: [String] { containerLogs + syslog + pattern }

  func validate() throws {
    guard pattern.isEmpty == (expression == nil) else {
      throw ValidationError(
        pattern.isEmpty
          ? "--expression says what lines of --pattern look like; name a file with --pattern."
          : "--pattern needs --expression, such as '(?<time>\\S+) (?<level>\\w+) (?<message>.*)'.")
    }
    _ = try sources
  }

  /// What to read.
  var sources: [SourceConfiguration] {
    get throws {
      guard let zone = LocalZone(timeZone) else {
        throw ValidationError(
          "--time-zone '\(timeZone)' is neither a place such as Europe/Berlin nor an offset such as "
            + "+02:00.")
      }
      let format = try logTimeFormat(timeFormat) {
        ValidationError("--time-format '\(timeFormat)': \($0).")
      }
      let patterns = pattern.map {
        PatternSource(
          path: $0, expression: expression ?? "", timeFormat: format, year: year, zone: zone,
          isMultiline: multiline)
      }
      return containerLogs.map { .containerLogs(ContainerLogSource(path: $0)) }
        + syslog.map { .syslog(SyslogSource(path: $0, year: year, zone: zone)) }
        + patterns.map { .pattern($0) }
    }
  }
}
