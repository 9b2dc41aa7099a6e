internal import ArgumentParser
internal import Experiments
internal import Registry
internal import Storage
internal import Telemetry

struct CollectRunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove records of untagged runs, and with --files their results.",
    discussion: """
      Kept are tagged runs, runs whose model an alias of a registry points at, and what neither \
      --keep nor --older-than lets go. --dry-run only says what would be removed.
      """)

  @Option(help: ArgumentHelp("How many of the newest untagged runs to keep.", valueName: "count"))
  var keep: Int?

  @Option(
    help: ArgumentHelp("Remove untagged runs older than this, such as 30d.", valueName: "duration"))
  var olderThan: String?

  @Option(
    help: ArgumentHelp(
      "A registry whose aliases protect runs, beside those that runs were published in; may be "
        + "repeated.", valueName: "folder"))
  var registry: [String] = []

  @Flag(help: "Remove the files of their results too.")
  var files = false

  @Flag(help: "Only say what would be removed.")
  var dryRun = false

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard keep != nil || olderThan != nil else {
      throw ValidationError("Say what may go: --keep, --older-than, or both.")
    }
    if let keep, keep < 0 { throw ValidationError("--keep must be at least 0, not \(keep).") }
    if let olderThan, TimeSpan(olderThan) == nil {
      throw ValidationError("--older-than '\(olderThan)' is not a duration such as 30d.")
    }
  }

  func run() throws {
    let store = try self.store.open()
    // A run that is being written shall not lose its folder meanwhile.
    let area = files && !dryRun ? try StagingArea(root: store.folder) : nil
    defer { area?.close() }
    let runs = try store.runs()
    var rule = RunCollection()
    rule.keep = keep
    rule.before = olderThan.flatMap { TimeSpan($0) }.map { Stopwatch().started - $0 }
    rule.artifacts = try aliased(runs, in: store.folder)
    let removable = rule.removable(runs)
    let gone = Set(removable.map(\.id))
    let used = Set(runs.filter { !gone.contains($0.id) }.compactMap(\.record.folder))
    // Equal runs share a folder; it goes with the last of them.
    let emptied = files ? removable.filter { !used.contains($0.record.folder ?? "") } : []
    let paths = Array(Set(emptied.flatMap(\.presentFiles))).sorted()
    let bytes = try paths.reduce(0) { $0 + (try FileSystem.status(of: $1).size) }
    if !dryRun {
      // Files first: what is interrupted is found again by its record.
      for run in emptied { try run.removeFiles() }
      try store.remove(removable)
    }
    let verb = dryRun ? "would remove" : "removed"
    let text =
      removable.map { "\(verb)  \($0.id)\n" }.joined()
      + (removable.isEmpty
        ? "nothing to remove\n"
        : "\(verb) \(removable.count) of \(runs.count) records"
          + (files ? " and \(paths.count) files, \(size(bytes))\n" : "\n"))
    common.print(
      text,
      json: [
        "dry_run": .bool(dryRun), "runs": .array(removable.map { .string($0.id) }),
        "files": .array(paths.map(JSONValue.string)), "bytes": .integer(bytes),
      ])
  }

  /// Digests of all artifacts that an alias points at.
  private func aliased(_ runs: [RecordedRun], in folder: String) throws -> Set<String> {
    let present = Set(runs.compactMap(\.record.registry) + ["\(folder)/registry"])
      .filter { FileSystem.item(at: $0, followingLinks: true) == .folder }
    var digests: Set<String> = []
    for root in present.sorted() + registry {
      let registry = DirectoryRegistry(root: root)
      for name in try registry.names() {
        for alias in try registry.aliases(of: name) { digests.insert(alias.target.digest) }
      }
    }
    return digests
  }
}
