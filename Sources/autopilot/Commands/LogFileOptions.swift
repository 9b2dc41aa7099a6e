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
  var timeFormat: String?

  @Flag(help: "Lines of --pattern that do not match continue the message before them.")
  var multiline = false

  @Option(help: "The year of a log's first line where its times have none.")
  var year: Int?

  @Option(
    help: ArgumentHelp(
      "The zone of times that state none in --syslog, --pattern and --grafana-csv, such as "
        + "Europe/Berlin or +02:00; by default UTC.", valueName: "zone"))
  var timeZone: String?

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
    guard !pattern.isEmpty || timeFormat == nil && !multiline else {
      throw ValidationError(
        "--time-format and --multiline say how --pattern is read; name a file with --pattern.")
    }
    guard year == nil || !(syslog + pattern).isEmpty else {
      throw ValidationError("--year is for the times of --syslog and --pattern; name such a file.")
    }
    _ = try sources
  }

  /// The zone of times that state none.
  var zone: LocalZone {
    get throws {
      guard let zone = LocalZone(timeZone ?? "UTC") else {
        throw ValidationError(
          "--time-zone '\(timeZone ?? "")' is neither a place such as Europe/Berlin nor an offset "
            + "such as +02:00.")
      }
      return zone
    }
  }

  /// What to read.
  var sources: [SourceConfiguration] {
    get throws {
      let zone = try zone
      let text = timeFormat ?? "auto"
      let format = try logTimeFormat(text) { ValidationError("--time-format '\(text)': \($0).") }
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
