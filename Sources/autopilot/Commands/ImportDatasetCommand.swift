internal import ArgumentParser
internal import DatasetStore
internal import Ingest
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry

struct ImportDatasetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn a downloaded public dataset into snapshots, one a part.",
    discussion: """
      'autopilot dataset catalog' lists the datasets and where to download them. Files may be plain \
      or compressed with gzip. A part's files are compared with the check sums of the catalogue; \
      others are imported too, and it is said.
      """)

  @Argument(help: "The dataset's name, as 'autopilot dataset catalog' shows it.")
  var name: String

  @OptionGroup var source: PublishedPartOptions

  @Option(help: "Folder of dataset snapshots.")
  var out = "out/datasets"

  @OptionGroup var budget: DefectBudgetOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    guard let dataset = PublishedDataset(rawValue: name) else {
      let hint = guess(name, among: PublishedDataset.allCases.map(\.rawValue))
      throw ValidationError(
        "There is no importer '\(name)'\(hint); 'autopilot dataset catalog' shows them all.")
    }
    let parts = try source.parts(of: dataset)
    let store = DatasetStore(root: out)
    let allowed = try budget.applied(to: .standard)
    let imports = try await common.withProgress { progress in
      try parts.map { part in
        let authenticity = try dataset.authenticity(of: part, in: source.from)
        var reader = dataset.configuration(part: part, in: source.from)
        reader.defectBudget = allowed
        let (saved, outline) = try keepingReport(in: out) {
          try store.save { sink in try ingest(reader, into: &sink, progress: progress) }
        }
        return Import(part: part, authenticity: authenticity, saved: saved, outline: outline)
      }
    }
    common.print(text(imports), json: .array(imports.map(json)))
  }

  private struct Import {
    var part: String
    var authenticity: PublishedDataset.Authenticity
    var saved: DatasetStore.Saved
    var cells: Int
    var incidents: Int
    var report: IngestReport

    init(
      part: String, authenticity: PublishedDataset.Authenticity, saved: DatasetStore.Saved,
      outline: DatasetOutline
    ) {
      (self.part, self.authenticity, self.saved) = (part, authenticity, saved)
      (cells, incidents) = (outline.grid.count, outline.incidents.count)
      report = outline.report
    }

    var checksum: String {
      switch authenticity {
      case .verified: "as in the catalogue"
      case .different: "differs from the catalogue"
      case .unknown: "not in the catalogue"
      }
    }
  }

  private func text(_ imports: [Import]) -> String {
    var table = TerminalTable([
      ("part", .left), ("dataset", .leftWhole), ("cells", .right), ("incidents", .right),
      ("skipped", .right), ("files", .left), ("", .leftWhole),
    ])
    for row in imports {
      table.add([
        row.part, short(row.saved.digest), grouped(row.cells), grouped(row.incidents),
        grouped(row.report.skipped), row.checksum, row.saved.isNew ? "" : "already there",
      ])
    }
    return table.text(width: 110)
      + "\(imports.count { $0.saved.isNew }) new snapshots in \(out), "
      + "\(imports.count { !$0.saved.isNew }) were already there\n"
  }

  private func json(_ row: Import) -> JSONValue {
    [
      "part": .string(row.part), "path": .string(row.saved.path),
      "digest": .string(row.saved.digest), "is_new": .bool(row.saved.isNew),
      "verified": .bool(row.authenticity == .verified), "files": .string(row.checksum),
      "cells": .integer(row.cells), "incidents": .integer(row.incidents),
      "report": row.report.json(),
    ]
  }
}

struct DatasetCatalogueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog",
    abstract: "List the public datasets that can be imported, and where to download them.")

  @Flag(help: "Write the file datasets/catalog.yaml.")
  var yaml = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let all = PublishedDataset.allCases
    common.print(
      yaml ? PublishedDataset.catalogue() : all.map(text).joined(separator: "\n"),
      json: .array(
        all.map { dataset in
          let description = dataset.description
          return [
            "name": .string(dataset.rawValue), "what": .string(description.what),
            "source": .string(description.source), "commit": .string(description.commit),
            "licence": .string(description.licence), "rows": .string(description.rows),
            "split": .string(description.split),
            "parts": .object(
              Dictionary(
                uniqueKeysWithValues: dataset.knownParts.map { ($0.part, .string($0.sha256)) })),
          ]
        }))
  }

  private func text(_ dataset: PublishedDataset) -> String {
    let description = dataset.description
    let line = { (label: String, text: String) in
      "  \(label)\(wrapped(text, width: 96, indent: "            "))\n"
    }
    return "\(dataset.rawValue)\n" + line("what      ", description.what)
      + line("from      ", description.source) + line("licence   ", description.licence)
      + line("rows      ", description.rows) + line("split     ", description.split)
      + line("parts     ", parts(dataset.knownParts.map(\.part)))
  }

  private func parts(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}
