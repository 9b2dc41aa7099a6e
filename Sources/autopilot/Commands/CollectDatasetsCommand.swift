internal import ArgumentParser
internal import DatasetStore
internal import Registry
internal import Storage

struct CollectDatasetsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove snapshots that no model was trained on.",
    discussion: """
      Kept is what any version of any model in the registries named was trained on, and the newest \
      snapshots. Without --yes it only says what it would remove.
      """)

  @Option(
    help: ArgumentHelp(
      "A registry whose models' datasets are kept; may be repeated.", valueName: "folder"))
  var registry: [String] = []

  @Flag(help: "Keep nothing for the sake of a registry.")
  var noRegistry = false

  @Option(help: ArgumentHelp("How many of the newest snapshots to keep.", valueName: "count"))
  var keep = 3

  @Flag(help: "Remove them.")
  var yes = false

  @Flag(help: "Only say what would be removed; this is the default.")
  var dryRun = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard registry.isEmpty == noRegistry else {
      throw ValidationError(
        noRegistry
          ? "Give --registry or --no-registry, not both."
          : "Name the registries with --registry, such as out/registry, or give --no-registry.")
    }
    guard keep >= 0 else { throw ValidationError("--keep must be at least 0, not \(keep).") }
    guard !yes || !dryRun else { throw ValidationError("Give --yes or --dry-run, not both.") }
  }

  func run() async throws {
    var referenced: Set<String> = []
    for location in registry {
      referenced.formUnion(try await modelStores().open(location).datasets())
    }
    let datasets = store.datasets
    let unused = try datasets.unused(referenced: referenced, keepingNewest: keep)
    if yes { try datasets.remove(unused.map(\.entry)) }
    let bytes = unused.reduce(0) { $0 + $1.size }
    let verb = yes ? "removed" : "would remove"
    var text = unused.map { "\(verb)  \(short($0.entry.digest))  \(size($0.size))\n" }.joined()
    text +=
      unused.isEmpty
      ? "nothing to remove\n"
      : "\(verb) \(unused.count) snapshots, \(size(bytes))\(yes ? "" : "; --yes removes them")\n"
    common.print(
      text,
      json: [
        "removed": .bool(yes), "bytes": .integer(bytes),
        "datasets": .array(
          unused.map { ["digest": .string($0.entry.digest), "bytes": .integer($0.size)] }),
      ])
  }
}
