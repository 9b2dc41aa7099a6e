internal import ArgumentParser
internal import Diagnostics
internal import Evaluation
internal import Ingest
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say why an incident was found or missed, down to features and log lines.",
    discussion: """
      Reads the results of 'run' or 'evaluate'. Without --incident it lists the incidents of the \
      test time. With --configuration it also looks the unusual log lines up in the sources and \
      quotes them as they were written.
      """)

  @Argument(help: "The folder of a run's results, such as out/runs/shop-3f1c….")
  var results: String

  @Option(help: ArgumentHelp("The incident's id.", valueName: "id"))
  var incident: String?

  @Option(
    help: ArgumentHelp(
      "The run's configuration file, whose log sources are read again.", valueName: "file"))
  var configuration: String?

  @Option(help: "Lines quoted of each kind, with --configuration.")
  var lines = 3

  @Option(help: "Form of the result: text or json.")
  var output: OutputFormat = .text

  func validate() throws {
    guard (1...100).contains(lines) else {
      throw ValidationError("--lines must be from 1 to 100, not \(lines).")
    }
    if configuration != nil, incident == nil {
      throw ValidationError("--configuration goes with --incident ID.")
    }
  }

  func run() throws {
    let stories = try ReportFindings.stories(in: document(RunResults.detailFile))
    let evaluation = try EvaluationResult(
      json: document(RunResults.evaluationFile).value,
      source: "\(results)/\(RunResults.evaluationFile)")
    guard !evaluation.rows.isEmpty else {
      throw StorageError.unexpectedShape(
        source: "\(results)/\(RunResults.evaluationFile)", path: "detectors",
        expected: "at least one detector")
    }
    guard let incident else { return list(evaluation, stories) }
    guard let labelled = evaluation.incidents.first(where: { $0.id == incident }) else {
      let known = evaluation.incidents.map(\.id)
      throw ValidationError(
        "There is no incident '\(incident)' in the test time\(guess(incident, among: known)); "
          + "there are \(known.prefix(8).joined(separator: ", "))\(known.count > 8 ? " and others" : "")."
      )
    }
    let story = stories.first { $0.incident == incident }
    let quoted = try story.flatMap { try quotes($0, labelled) }
    let explanation = IncidentExplanation(
      incident: labelled, evaluation: evaluation, story: story,
      quotes: quoted?.lines.map {
        IncidentExplanation.Quote(time: $0.time, text: $0.text, pattern: $0.pattern.text)
      })
    writeOutput(
      (output == .json ? explanation.json().text(indented: true) : explanation.text() + "\n"))
  }

  private func document(_ file: String) throws -> JSONDocument {
    let path = "\(results)/\(file)"
    let bytes = try FileSystem.readFile(at: path, limit: 1 << 30)
    return JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
  }

  private func quotes(_ story: IncidentStory, _ incident: Incident) throws -> QuotedLines? {
    guard let configuration else { return nil }
    let pipeline = try PipelineConfiguration(
      readingFile: configuration, environment: processEnvironment())
    return try quoteLines(
      pipeline.reader, of: story.service, from: incident.start, to: incident.resolved, each: lines)
  }

  private func list(_ evaluation: EvaluationResult, _ stories: [IncidentStory]) {
    let row = evaluation.rows[0]
    let byId = Dictionary(
      row.outcomes.map { ($0.incident, $0) }, uniquingKeysWith: { first, _ in first })
    if output == .json {
      writeOutput(
        JSONValue.array(
          evaluation.incidents.compactMap { incident in
            byId[incident.id].map {
              ["incident": .string(incident.id), "is_found": .bool($0.isFound)]
            }
          }
        ).text(indented: true))
      return
    }
    var table = TerminalTable([
      ("INCIDENT", .leftWhole), ("OUTCOME", .leftWhole), ("SERVICE", .left), ("KIND", .left),
      ("LOUDEST", .left),
    ])
    for incident in evaluation.incidents {
      guard let outcome = byId[incident.id] else { continue }
      let voice = stories.first { $0.incident == incident.id }?.voices.first
      table.add([
        incident.id, outcome.isFound ? "found \(delay(outcome.delay))" : "missed",
        incident.service ?? "whole system", incident.kind,
        voice.map { "\($0.detector): \($0.causes.first ?? absent)" } ?? absent,
      ])
    }
    writeOutput(table.text(width: 120))
  }
}
