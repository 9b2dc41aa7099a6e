internal import ArgumentParser

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Pull a time range from a live server into files to ingest.",
    discussion: """
      The folder given by --out holds finished parts in 'chunks' and 'manifest.json', which says \
      what was asked and what is finished. Run the same command again after a failure or a kill: \
      only what is missing is fetched. A finished export is verified and left alone; times like -7d \
      keep the meaning they had when the export began.

      Exit codes: 1 when the server cannot be reached or keeps failing, 4 when it refuses the \
      request or its answer cannot be used, 5 when a finished part was changed, 64 for a wrong \
      command line.
      """,
    subcommands: [ExportPrometheusCommand.self, ExportLokiCommand.self])
}
