internal import ArgumentParser
internal import DatasetStore
internal import Diagnostics
internal import Storage

struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Look after dataset snapshots, and import public datasets.",
    discussion: """
      A snapshot is named by the first digits of its digest, as many as make it unique, or by its \
      file.
      """,
    subcommands: [
      ListDatasetsCommand.self, ShowDatasetCommand.self, DiffDatasetsCommand.self,
      VerifyDatasetsCommand.self, CollectDatasetsCommand.self, ImportDatasetCommand.self,
      DatasetCatalogueCommand.self,
    ])
}

/// Where snapshots are.
struct StoreOptions: ParsableArguments {
  @Option(help: "Folder of dataset snapshots.")
  var store = "out/datasets"

  var datasets: DatasetStore { DatasetStore(root: store) }
}

/// A digest as tables show it.
func short(_ digest: String) -> String { String(digest.prefix(12)) }

/// A number of bytes for people.
func size(_ bytes: Int) -> String {
  var (value, unit) = (Double(bytes), "B")
  for larger in ["kB", "MB", "GB", "TB"] where value >= 1000 {
    (value, unit) = (value / 1000, larger)
  }
  let tenths = Int((value * 10).rounded())
  return unit == "B" || tenths >= 1000
    ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
}

struct ListDatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the snapshots of a folder.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let rows = try store.datasets.list().map(DatasetRow.init)
    let text =
      rows.isEmpty
      ? "\(store.store): no dataset snapshots; 'autopilot ingest' makes one\n"
      : DatasetRow.table(rows)
    common.print(text, json: .array(rows.map(\.json)))
  }
}

struct VerifyDatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compute the digests of snapshots anew.",
    discussion: "Ends with exit code 5 when a snapshot is damaged.")

  @Argument(help: "Snapshots to look at, by the first digits of their digests; by default all.")
  var references: [String] = []

  @OptionGroup var store: StoreOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let datasets = store.datasets
    let entries =
      try references.isEmpty ? datasets.list() : references.map { try datasets.entry($0) }
    var damages: [DatasetStore.Damage] = []
    var lines = ""
    for entry in entries {
      let damage = try datasets.damage(of: entry)
      if let damage { damages.append(damage) }
      lines += "\(short(entry.digest))  \(damage.map { "damaged: \($0.error)" } ?? "intact")\n"
    }
    common.print(
      lines + "\(entries.count - damages.count) intact, \(damages.count) damaged\n",
      json: [
        "intact": .integer(entries.count - damages.count),
        "damaged": .array(
          damages.map {
            [
              "digest": .string($0.entry.digest), "path": .string($0.entry.path),
              "error": .string($0.error.description),
            ]
          }),
      ])
    if !damages.isEmpty { throw DamagedDatasets(paths: damages.map(\.entry.path)) }
  }
}

/// Snapshots that are not what their names say.
struct DamagedDatasets: DiagnosedError {
  let paths: [String]

  var kind: FailureKind { .integrity }

  var description: String {
    "\(paths.joined(separator: ", ")): damaged; ingest the sources again, which replaces them"
  }
}
