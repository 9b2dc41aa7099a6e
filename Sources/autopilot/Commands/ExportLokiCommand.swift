internal import ArgumentParser
internal import Exporters

struct ExportLokiCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loki",
    abstract: "Pull log lines.",
    discussion: """
      Pages forward without losing lines that share an instant. An instant with more lines than \
      the server returns at once is an error that says how many are missing; everything else is \
      fetched first.
      """)

  @Option(help: ArgumentHelp("A LogQL query for lines; may be repeated.", valueName: "logql"))
  var query: [String] = []

  @Option(help: "Time that one file covers.")
  var window = "1h"

  @Option(help: ArgumentHelp("Lines per page.", valueName: "count"))
  var limit = 5000

  @Option(
    help: ArgumentHelp("Most lines to ask for at one crowded instant.", valueName: "count"))
  var maxLimit = 100_000

  @OptionGroup var options: ExportOptions

  func run() async throws {
    let range = try options.range()
    var request = LokiRequest(
      connection: try options.connection(), queries: query, start: range.start, end: range.end)
    request.window = try options.span(window, option: "--window")
    (request.limit, request.mostLimit) = (limit, maxLimit)
    let summary = try await options.common.withProgress { [request] in
      try await exportLoki(request, to: options.out, progress: $0)
    }
    options.report(summary, source: "loki")
  }
}
