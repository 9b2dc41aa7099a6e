internal import ArgumentParser
internal import Exporters

struct ExportPrometheusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prometheus",
    abstract: "Pull metrics by range queries.",
    discussion: """
      Works with whatever answers Prometheus's /api/v1/query_range. The range is divided below the \
      server's limit of 11,000 points; answers that are still too large are divided further.
      """)

  @Option(help: ArgumentHelp("A PromQL expression; may be repeated.", valueName: "promql"))
  var query: [String] = []

  @Option(
    help: ArgumentHelp(
      "A series selector, fetched metric by metric; may be repeated.", valueName: "selector"))
  var match: [String] = []

  @Option(help: "Time between samples; the grid's interval or a divisor of it.")
  var step = "1m"

  @Option(help: ArgumentHelp("Most samples of a series in one answer.", valueName: "count"))
  var points = 2000

  @OptionGroup var options: ExportOptions

  func run() async throws {
    let range = try options.range()
    var request = PrometheusRequest(
      connection: try options.connection(), queries: query, selectors: match,
      start: range.start, end: range.end, step: try options.span(step, option: "--step"))
    request.points = points
    let summary = try await options.common.withProgress { [request] in
      try await exportPrometheus(request, to: options.out, progress: $0)
    }
    options.report(summary, source: "prometheus")
  }
}
