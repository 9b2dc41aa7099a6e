internal import ArgumentParser
internal import Experiments
internal import Report
internal import Storage

struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Look into the record of runs, evaluations and trials.",
    discussion: """
      Every 'autopilot run' and 'evaluate', and each trial of 'tune', is recorded in runs.sqlite in \
      its output folder. A run is named by its id, or by as much of its beginning as is unique.
      """,
    subcommands: [
      ListRunsCommand.self, ShowRunCommand.self, CompareRunsCommand.self, TagRunsCommand.self,
      CollectRunsCommand.self, MirrorRunsCommand.self,
    ])
}

/// Where the record of runs is.
struct RunStoreOptions: ParsableArguments {
  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("Folder of runs.sqlite, or the file itself.", valueName: "path"))
  var place = "out"

  func open() throws -> RunStore { try RunStore(opening: place) }
}

struct ListRunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List runs, the newest first.")

  @Option(help: "Only runs of this name.")
  var name: String?

  @Option(help: "Only runs with this tag; may be repeated.")
  var tag: [String] = []

  @Option(help: "Only this kind: run, evaluate or trial.")
  var kind: RunRecord.Kind?

  @Option(
    help: ArgumentHelp(
      "Sort by a figure such as ensemble.vus_pr, the best first.", valueName: "detector.metric"))
  var sort: String?

  @Flag(help: "The other way around.")
  var reverse = false

  @Option(help: ArgumentHelp("Most runs to list.", valueName: "count"))
  var limit: Int?

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 1 {
      throw ValidationError("--limit must be at least 1, not \(limit).")
    }
  }

  func run() throws {
    var query = RunQuery()
    (query.name, query.tags, query.kind) = (name, tag, kind)
    (query.sort, query.isReversed, query.limit) = (sort, reverse, limit)
    let runs = try store.open().runs(query)
    common.print(text(runs), json: .array(runs.map { $0.json() }))
  }

  private static let shown = [
    ("vus_pr", "VUS-PR"), ("average_precision", "AUC-PR"), ("recall", "RECALL"),
    ("false_alarms_per_service_day", "FALSE ALARMS\n/SERVICE/DAY"),
  ]

  private func text(_ runs: [RecordedRun]) -> String {
    guard !runs.isEmpty else { return "no such runs\n" }
    let known = Self.shown.map { ("ensemble.\($0.0)", $0.1) }
    var columns = known
    if let sort, !known.contains(where: { $0.0 == sort }) { columns.append((sort, sort)) }
    var headings: [(heading: String, alignment: TerminalTable.Alignment)] = [
      ("RUN", .leftWhole), ("KIND", .leftWhole), ("STARTED", .leftWhole), ("TOOK", .right),
    ]
    for column in columns { headings.append((column.1, .right)) }
    headings.append(("TAGS", .left))
    var table = TerminalTable(headings)
    for run in runs {
      let record = run.record
      var row = [
        run.id, record.kind.rawValue + (record.failure == nil ? "" : ", failed"),
        minute(record.started), "\(fixed(record.wallSeconds, 1)) s",
      ]
      for column in columns {
        row.append(fixed(record.metrics.first { $0.name == column.0 }?.value, 3))
      }
      table.add(row + [run.tags.joined(separator: " ")])
    }
    return table.text(width: 140)
  }
}

struct TagRunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Add tags to runs, or remove them.",
    discussion: "Tagged runs are never removed by 'autopilot runs gc'.",
    subcommands: [AddTagsCommand.self, RemoveTagsCommand.self])
}

/// Which tags and runs are meant.
struct TagOptions: ParsableArguments {
  @Argument(help: "The run's id.")
  var run: String

  @Argument(help: "Tags: letters, digits, '.', '_', ':' and '-'.")
  var tags: [String]

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  /// Changes tags and prints those that the run has then.
  func change(_ change: (RunStore, RecordedRun) throws -> Void) throws {
    let store = try self.store.open()
    let found = try store.run(run)
    try change(store, found)
    let tags = try store.run(found.id).tags
    common.print(
      "\(found.id)  \(tags.isEmpty ? "no tags" : tags.joined(separator: " "))\n",
      json: ["id": .string(found.id), "tags": .array(tags.map(JSONValue.string))])
  }
}

struct AddTagsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Add tags.")

  @OptionGroup var options: TagOptions

  func run() throws { try options.change { try $0.add(tags: options.tags, to: [$1]) } }
}

struct RemoveTagsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove tags.")

  @OptionGroup var options: TagOptions

  func run() throws { try options.change { try $0.remove(tags: options.tags, from: [$1]) } }
}
