internal import ArgumentParser
internal import Evaluation
internal import Experiments
internal import Pipeline
internal import Report
internal import Storage

struct ShowRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run's figures, what it ran on and where its results are."
  )

  @Argument(help: "The run's id.")
  var id: String

  @Flag(help: "Print the configuration's text and nothing else.")
  var configuration = false

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let found = try store.open().run(id)
    if configuration {
      common.print(
        found.record.configuration, json: ["configuration": .string(found.record.configuration)])
    } else {
      common.print(text(found), json: found.json(configuration: true))
    }
  }

  private func text(_ run: RecordedRun) -> String {
    let record = run.record
    let environment = record.environment
    var facts = [
      (
        "run",
        "\(run.id) (\(record.kind.rawValue), \(record.failure == nil ? "finished" : "failed"))"
      )
    ]
    if let failure = record.failure { facts.append(("failure", failure)) }
    if let trial = record.trial {
      facts.append(
        (
          "trial",
          "\(trial.number) with \(percent(trial.share)) of the resources, study \(short(trial.study))"
        ))
    }
    facts += [
      ("started", "\(instant(record.started)), took \(fixed(record.wallSeconds, 1)) s"),
      ("tags", run.tags.isEmpty ? "none" : run.tags.joined(separator: " ")),
      ("dataset", record.datasetDigest), ("artifact", record.artifactDigest ?? "none"),
      ("config", "sha256 \(short(record.configurationDigest)); --configuration prints it"),
      ("seed", String(record.seed)), ("results", record.folder ?? "none"),
      (
        "tool",
        "autopilot \(environment.toolVersion), sha256 \(short(environment.executableDigest))"
      ),
      (
        "machine",
        "\(environment.system), \(environment.architecture), \(environment.processor), "
          + counted(environment.threads, "thread")
      ),
    ]
    if !record.fitSeconds.isEmpty {
      let times = record.fitSeconds.sorted { $0.key < $1.key }
        .map { "\($0.key) \(fixed($0.value, 2)) s" }
      facts.append(("fitting", times.joined(separator: ", ")))
    }
    let width = 10
    let head = facts.map { name, value in
      wrapped(
        name + String(repeating: " ", count: width - name.count) + value,
        indent: String(repeating: " ", count: width)) + "\n"
    }.joined()
    return record.metrics.isEmpty ? head : head + "\n" + figures(record)
  }

  private static let columns = [
    ("vus_pr", "VUS-PR"), ("average_precision", "AUC-PR"), ("recall", "RECALL"),
    ("precision", "PRECISION"), ("event_f1", "EVENT F1"),
    ("false_alarms_per_service_day", "FALSE ALARMS\n/SERVICE/DAY"),
    ("median_delay_seconds", "MEDIAN\nDELAY (S)"), ("coverage", "COVERAGE"),
  ]

  private func figures(_ record: RunRecord) -> String {
    var headings: [(heading: String, alignment: TerminalTable.Alignment)] = [
      ("DETECTOR", .leftWhole)
    ]
    for column in Self.columns { headings.append((column.1, .right)) }
    var table = TerminalTable(headings)
    var detectors: [String] = []
    for metric in record.metrics where !detectors.contains(metric.detector) {
      detectors.append(metric.detector)
    }
    for detector in detectors {
      table.add(
        [detector]
          + Self.columns.map { fixed(record.value(of: $0.0, detector: detector), 3) })
    }
    let intervals = record.metrics.filter { $0.interval != nil && $0.detector == detectors[0] }
      .map { metric in
        "\(metric.name)  \(fixed(metric.value, 3)), 95 % interval "
          + "\(fixed(metric.interval?.low, 3)) to \(fixed(metric.interval?.high, 3))\n"
      }
    return table.text(width: 120) + (intervals.isEmpty ? "" : "\n" + intervals.joined())
      + "\n--output json shows every figure\n"
  }
}

struct CompareRunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show runs side by side: what their configurations say differently, and figures.",
    discussion: """
      'autopilot compare' says what a difference between two is worth.
      """)

  @Argument(help: "Ids of two or more runs.")
  var runs: [String]

  @Option(help: "Whose figures to show.")
  var detector = "ensemble"

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard runs.count > 1 else { throw ValidationError("Name two runs or more.") }
  }

  func run() throws {
    let store = try self.store.open()
    let found = try runs.map { try store.run($0) }
    let settings = try differences(found)
    var names: [String] = []
    for run in found {
      for metric in run.record.metrics
      where metric.detector == detector && !names.contains(metric.metric) {
        names.append(metric.metric)
      }
    }
    let figures = names.map { name in
      (name, found.map { $0.record.value(of: name, detector: detector) })
    }
    common.print(text(found, settings, figures), json: json(found, settings, figures))
  }

  private typealias Settings = [(key: String, values: [String?])]
  private typealias FigureRows = [(name: String, values: [Double?])]

  /// Keys whose values are not the same in all configurations.
  private func differences(_ runs: [RecordedRun]) throws -> Settings {
    let values = try runs.map { run in
      Dictionary(
        try configurationValues(run.record.configuration, source: run.id)
          .map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    return Set(values.flatMap(\.keys)).sorted().compactMap { key in
      let row = values.map { $0[key] }
      return Set(row).count > 1 ? (key, row) : nil
    }
  }

  private func text(
    _ runs: [RecordedRun], _ settings: Settings, _ figures: FigureRows
  ) -> String {
    func table(_ heading: String, _ alignment: TerminalTable.Alignment) -> TerminalTable {
      var headings: [(heading: String, alignment: TerminalTable.Alignment)] = [
        (heading, .leftWhole)
      ]
      for run in runs { headings.append((run.id, alignment)) }
      return TerminalTable(headings)
    }
    var configurations = table("CONFIGURATION", .left)
    for row in settings {
      configurations.add([row.key] + row.values.map { $0 ?? absent })
    }
    var measured = table(detector.uppercased(), .right)
    for row in figures { measured.add([row.name] + row.values.map { fixed($0, 4) }) }
    let same =
      settings.isEmpty ? "the configurations say the same\n" : configurations.text(width: 140)
    let kinds = Set(runs.map { $0.record.datasetDigest })
    let note = kinds.count > 1 ? "\nnote      the runs have different datasets\n" : ""
    return same + "\n" + measured.text(width: 140) + note
  }

  private func json(
    _ runs: [RecordedRun], _ settings: Settings, _ figures: FigureRows
  ) -> JSONValue {
    [
      "runs": .array(runs.map { .string($0.id) }), "detector": .string(detector),
      "same_dataset": .bool(Set(runs.map { $0.record.datasetDigest }).count == 1),
      "configuration": .object(
        Dictionary(
          settings.map { ($0.key, .array($0.values.map { $0.map(JSONValue.string) ?? .null })) },
          uniquingKeysWith: { first, _ in first })),
      "metrics": .object(
        Dictionary(
          figures.map { ($0.name, .array($0.values.map { $0.map(JSONValue.number) ?? .null })) },
          uniquingKeysWith: { first, _ in first })),
    ]
  }
}
