internal import ArgumentParser
internal import DatasetStore
internal import Gate
internal import Pipeline
internal import Registry
internal import Storage

struct GateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Decide whether a candidate may take the champion's place.",
    discussion: """
      Scores both on the same data, over time that neither has seen, and compares them in pairs. Ends \
      with 0 passed, 2 regression, 3 inconclusive, 4 invalid data, 5 integrity.
      """)

  @Option(help: "The candidate: <registry>/<name>@<alias or version>, or an artifact's folder.")
  var candidate: String

  @Option(help: "The champion, likewise; without it only the candidate's own figures count.")
  var baseline: String?

  @Option(help: "A dataset snapshot with labelled incidents.")
  var dataset: String

  @Option(help: ArgumentHelp("The policy; by default docs/gate.md's.", valueName: "file"))
  var policy: String?

  @Option(help: ArgumentHelp("Also write the report in Markdown.", valueName: "file"))
  var markdown: String?

  @Option(help: ArgumentHelp("Also write it as JUnit XML.", valueName: "file"))
  var junit: String?

  @Flag(help: "Also print GitHub annotations; on by itself where GITHUB_ACTIONS is true.")
  var annotations = false

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    for file in [markdown, junit].compactMap({ $0 }) {
      try refuse(output: file, among: [dataset] + [policy].compactMap { $0 })
    }
    let rules =
      try policy.map { try GatePolicy(readingFile: $0, environment: processEnvironment()) }
      ?? GatePolicy()
    try rules.checkSigners(trust.policy())
    let data = try DatasetFile.read(dataset)
    let side = try await side(candidate)
    var champion: GateSide?
    if let baseline { champion = try await self.side(baseline) }
    let result = try await common.withProgress { [champion] progress in
      try await GateRun(rules, trust: trust.policy(), threads: common.threads, progress: progress)(
        candidate: side, baseline: champion, dataset: data)
    }
    if let markdown {
      try FileSystem.writeFileAtomically(Array(result.markdown().utf8), to: markdown)
    }
    if let junit { try FileSystem.writeFileAtomically(Array(result.junit().utf8), to: junit) }
    common.print(result.text(), json: result.json())
    if annotations || processEnvironment()["GITHUB_ACTIONS"] == "true" {
      // On standard error, so that JSON on standard output stays JSON.
      let lines = result.annotations()
      if !lines.isEmpty { writeError(String(lines.dropLast())) }
    }
    throw ExitCode(result.outcome.exitCode)
  }

  private func side(_ reference: String) async throws -> GateSide {
    try await GateSide(loading: reference, from: modelStores(), trust: trust.policy())
  }
}
