internal import ArgumentParser
internal import Benchmarking
internal import Ingest
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry

struct BenchmarkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Compare all detectors on a labelled public dataset.",
    discussion: """
      Trains on every part of the dataset by itself, fixes thresholds without labels, and measures \
      every detector on every series: docs/benchmarks.md says how. 'autopilot dataset catalog' \
      says where to download the datasets. Without --config everything has its default.
      """)

  /// The short name of `nezha-trainticket`.
  private static let trainTicket = "trainticket"

  @Argument(help: "The dataset's name, such as smd.")
  var name: String

  @OptionGroup var source: PublishedPartOptions

  @Option(
    help: ArgumentHelp(
      "A file with the sections 'features' and 'models' and the key 'seed' of a pipeline.",
      valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Folder for results.json and table.md.", valueName: "folder"))
  var out: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    if name == PublishedDataset.nab.rawValue { return try await runNAB() }
    let dataset = name == Self.trainTicket ? .nezhaTrainTicket : PublishedDataset(rawValue: name)
    guard let dataset, let rules = BenchmarkProtocol(dataset)
    else {
      let names = (BenchmarkProtocol.datasets + [.nab]).map(\.rawValue).sorted()
      throw ValidationError(
        "There is no benchmark '\(name)'\(guess(name, among: names)); there are "
          + "\(names.joined(separator: ", ")).")
    }
    let parts = try source.parts(of: dataset)
    let environment = processEnvironment()
    let models: @Sendable (IngestConfiguration) throws -> PipelineConfiguration = {
      [config] reader in
      guard let config else { return PipelineConfiguration(name: "benchmark", reader: reader) }
      return try PipelineConfiguration(
        readingModelsFile: config, reader: reader, environment: environment)
    }
    // What would fail at the end fails before the work, and so do mistakes in the file.
    if let out { try FileSystem.createDirectories(at: out) }
    _ = try models(dataset.configuration(part: parts[0], in: source.from))
    let result = try await common.withProgress { progress in
      try await BenchmarkRun(
        rules, folder: source.from, threads: common.threads, progress: progress, models: models
      )(parts: parts)
    }
    if let out {
      try FileSystem.writeFileAtomically(
        Array(result.json().text(indented: true).utf8), to: "\(out)/results.json")
      try FileSystem.writeFileAtomically(Array(result.markdown().utf8), to: "\(out)/table.md")
    }
    common.print(text(result), json: result.json())
  }

  /// The Numenta Anomaly Benchmark has rules of its own.
  private func runNAB() async throws {
    guard config == nil else {
      throw ValidationError("The benchmark 'nab' has one configuration; leave --config out.")
    }
    let parts = try source.parts(of: .nab)
    if let out { try FileSystem.createDirectories(at: out) }
    let result = try await common.withProgress { progress in
      try await NABBenchmark(folder: source.from, threads: common.threads, progress: progress)(
        parts: parts)
    }
    if let out {
      for file in result.files() {
        let path = "\(out)/\(file.path)"
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try FileSystem.createDirectories(at: folder.joined(separator: "/"))
        try FileSystem.writeFileAtomically(file.bytes, to: path)
      }
      try FileSystem.writeFileAtomically(
        Array(result.json().text(indented: true).utf8), to: "\(out)/results.json")
      try FileSystem.writeFileAtomically(Array(result.markdown().utf8), to: "\(out)/table.md")
    }
    var table = TerminalTable(
      NABResult.headings.enumerated().map { index, heading in
        (
          heading.uppercased().split(separator: " ").joined(separator: "\n"),
          index == 0 ? .leftWhole : .right
        )
      })
    for row in result.table() { table.add(row) }
    common.print(
      "\(result.rows.count) detectors, \(parts.count) series, \(result.windows) windows; first at the "
        + "threshold that is best for the corpus, then at the one fixed beforehand\n\n"
        + table.text(width: 120), json: result.json())
  }

  private func text(_ result: BenchmarkResult) -> String {
    var table = TerminalTable(
      BenchmarkResult.headings.enumerated().map { index, heading in
        (
          heading.uppercased().split(separator: " ").joined(separator: "\n"),
          index == 0 ? .leftWhole : .right
        )
      })
    for row in result.rows() { table.add(row) }
    let skipped = result.skipped.map { "\($0.part) skipped: \($0.reason)\n" }.joined()
    return skipped + "\(result.judged.count) of \(result.series.count) series with an incident; "
      + "\(result.split)\n\n" + table.text(width: 120) + (result.logs.map(text) ?? "")
  }

  private func text(_ logs: LogComparison) -> String {
    var table = TerminalTable(
      logs.headings.enumerated().map { index, heading in
        (
          heading.uppercased().split(separator: " ").joined(separator: "\n"),
          index == 0 ? .leftWhole : .right
        )
      })
    for row in logs.table() { table.add(row) }
    return "\n\(logs.summary.replacing("`", with: ""))\n\n" + table.text(width: 120)
  }
}
