internal import ArgumentParser
internal import Features
internal import Ingest
internal import Pipeline
internal import Scoring
internal import Telemetry

/// Exports named on the command line.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A Prometheus range query's JSON; may be repeated.", valueName: "file"))
  var prometheus: [String] = []

  @Option(
    name: .customLong("openmetrics"),
    help: ArgumentHelp(
      "Samples in the text format of OpenMetrics or Prometheus, such as a dump of promtool; may be "
        + "repeated.", valueName: "file"))
  var openMetrics: [String] = []

  @Option(help: ArgumentHelp("Loki's JSON lines; may be repeated.", valueName: "file"))
  var loki: [String] = []

  @Option(
    help: ArgumentHelp(
      "A CSV, wide (a column per metric) or long (columns metric and value); may be repeated.",
      valueName: "file"))
  var csv: [String] = []

  @Option(
    name: .customLong("grafana-csv"),
    help: ArgumentHelp(
      "A panel's data as Grafana saves it, with local times and units; may be repeated.",
      valueName: "file"))
  var grafanaCSV: [String] = []

  @OptionGroup var logFiles: LogFileOptions

  @Option(
    help: ArgumentHelp(
      "Known incidents as CSV or YAML; may be repeated.", valueName: "file"))
  var incidents: [String] = []

  @Option(help: "The grid's interval, such as 1m; by default the model's, or 1m.")
  var interval: String?

  var isEmpty: Bool {
    prometheus.isEmpty && openMetrics.isEmpty && loki.isEmpty && csv.isEmpty
      && grafanaCSV.isEmpty && logFiles.isEmpty
  }

  func validate() throws {
    guard
      logFiles.timeZone == nil
        || !(grafanaCSV + logFiles.syslog + logFiles.pattern).isEmpty
    else {
      throw ValidationError(
        "--time-zone is for --syslog, --pattern and --grafana-csv, and none is named; the zone of a "
          + "CSV stands in a configuration, as time_zone.")
    }
  }

  /// All files named.
  var paths: [String] {
    prometheus + openMetrics + loki + csv + grafanaCSV + logFiles.paths + incidents
  }

  /// What to read.
  ///
  /// - Parameter model: The model that is to score what is read, if any.
  func reader(for model: TrainedModel? = nil) throws -> IngestConfiguration {
    var span = model?.scoring.features.definition.interval ?? .minutes(1)
    if let interval {
      guard let given = TimeSpan(interval), given > .zero else {
        throw ValidationError("--interval '\(interval)' is not a duration such as 1m.")
      }
      span = given
    }
    let zone = try logFiles.zone
    let panels = grafanaCSV.map { path in
      var source = CSVSource.grafana(path: path)
      source.timeZone = zone
      return SourceConfiguration.csv(source)
    }
    return try exportsReader(
      interval: span, prometheus: prometheus, openMetrics: openMetrics, loki: loki, csv: csv,
      others: panels + logFiles.sources, incidents: incidents, model: model)
  }
}
