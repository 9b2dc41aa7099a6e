internal import ArgumentParser
internal import DatasetStore
internal import Ingest
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry

struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Turn exports into a dataset snapshot.",
    discussion: """
      Takes the reader section of a configuration file, or exports named by options. The snapshot \
      is an HDF5 file named by the digest of its content; ingesting the same data again changes \
      nothing.
      """)

  @Argument(help: "A configuration file whose reader section says what to read.")
  var configuration: String?

  @OptionGroup var sources: SourceOptions

  @OptionGroup var budget: DefectBudgetOptions

  @Option(help: "Folder of dataset snapshots.")
  var out = "out/datasets"

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if configuration != nil, !sources.isEmpty {
      throw ValidationError("Give a configuration file or source options, not both.")
    }
    if configuration != nil, sources.interval != nil || !sources.incidents.isEmpty {
      throw ValidationError(
        "--interval and --incidents go with exports; a configuration file has its own.")
    }
    if configuration == nil, sources.isEmpty {
      throw ValidationError("Give a configuration file, or exports such as --prometheus FILE.")
    }
  }

  func run() async throws {
    try refuse(output: out)
    var reader =
      try configuration.map {
        try PipelineConfiguration(readingFile: $0, environment: processEnvironment()).reader
      } ?? sources.reader()
    reader.defectBudget = try budget.applied(to: reader.defectBudget)
    let (saved, dataset) = try await common.withProgress { [reader] progress in
      try keepingReport(in: out) {
        try DatasetStore(root: out).save { sink in
          try ingest(reader, into: &sink, progress: progress)
        }
      }
    }
    common.print(
      """
      \(wrapped(ingestLine(dataset.report), indent: "          "))
      \(dataset.services.count) services, \(dataset.grid.count) cells of \(dataset.grid.interval) \
      from \(dataset.grid.range.start) to \(dataset.grid.range.end), \
      \(dataset.incidents.count) incidents
      dataset   \(saved.path)\(saved.isNew ? "" : "  (already there)")

      """,
      json: [
        "path": .string(saved.path), "digest": .string(saved.digest), "is_new": .bool(saved.isNew),
        "report": dataset.report.json(), "peak_memory_bytes": .integer(peakMemoryBytes()),
      ])
  }
}
