internal import ArgumentParser
internal import DatasetStore
internal import Diagnostics
internal import Pipeline
internal import Registry
internal import Storage
internal import Telemetry

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Feed a recorded dataset to a running scorer and compare its scores.",
    discussion: """
      Sends every row of a snapshot to a scorer, as fast as it answers, and computes the same scores \
      here: they have to be equal, bit for bit. The scorer must have the same artifact, no state of \
      the services yet, and `limits.oldest` beyond the age of the data. Never replay into a scorer \
      that watches anything: its services would remember the past.

      Exit codes: 0 equal, 2 scores differ, 3 rows were not scored, 4 another model.
      """)

  @Option(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "A dataset snapshot.")
  var input: String

  @Option(help: "The scorer's address.")
  var scorer = "http://127.0.0.1:8080"

  @Option(help: "File with a bearer token for the scorer.")
  var tokenFile: String?

  @Option(help: "First cell that is sent, an RFC 3339 instant; the first of the data by default.")
  var from: String?

  @Option(help: "Cells from this instant on are not sent.")
  var to: String?

  @Option(help: "Cells of all services in one request.")
  var batch = 12

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...10_000).contains(batch) else {
      throw ValidationError("--batch must be from 1 to 10000, not \(batch).")
    }
    for (option, value) in [("--from", from), ("--to", to)] {
      if let value, Timestamp(rfc3339: value) == nil {
        throw ValidationError("\(option) must be an RFC 3339 instant, not '\(value)'.")
      }
    }
  }

  func run() async throws {
    let (trained, artifact) = try await trust.load(model)
    let dataset = try DatasetFile.read(input)
    let grid = dataset.grid
    let range = TimeRange(
      start: from.flatMap { Timestamp(rfc3339: $0) }.map { $0 - TimeSpan(milliseconds: 1) }
        ?? grid.range.start,
      end: to.flatMap { Timestamp(rfc3339: $0) }.map { $0 - TimeSpan(milliseconds: 1) }
        ?? grid.range.end)
    let token = try tokenFile.map { path in
      String(decoding: try FileSystem.readFile(at: path, limit: 1 << 16), as: UTF8.self)
        .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }
    let replay = Replay(
      url: scorer.hasSuffix("/") ? String(scorer.dropLast()) : scorer, token: token,
      cellsPerRequest: batch)
    let outcome = try await common.withProgress { progress in
      try await replay(
        trained.scoring, digest: artifact.digest, dataset, cells: grid.indices(in: range),
        progress: progress)
    }
    common.print(
      "\(outcome.scores) scores of \(outcome.rows) rows are equal, bit for bit "
        + "(\(Int(Double(outcome.rows) / max(outcome.seconds, 1e-9))) rows per second)\n",
      json: [
        "rows": .integer(outcome.rows), "scores": .integer(outcome.scores), "equal": true,
        "seconds": .number(outcome.seconds),
      ])
  }
}
