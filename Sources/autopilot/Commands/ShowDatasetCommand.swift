internal import ArgumentParser
internal import DatasetStore
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry

struct ShowDatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Say where a snapshot came from, and what reading its sources skipped and changed.")

  @Argument(help: "The snapshot, by the first digits of its digest or by its file.")
  var reference: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let path = try store.datasets.path(of: reference)
    let summary = try DatasetFile.summary(of: path)
    common.print(
      text(summary, path),
      json: .object(
        summary.fields.merging([
          "digest": .string(summary.digest), "path": .string(path),
          "report": summary.report.json(),
        ]) { first, _ in first }))
  }

  private func text(_ summary: DatasetSummary, _ path: String) -> String {
    var lines = [
      "dataset   \(summary.digest)", "file      \(path)",
      "time      \(interval(summary.grid.range)), \(counted(summary.grid.count, "cell")) of "
        + summary.grid.interval.description,
      "services  "
        + wrapped(
          "\(summary.services.count) with \(counted(summary.columns, "column")): "
            + summary.services.map(\.name).joined(separator: ", "), indent: "          "),
      "incidents \(summary.incidents)",
    ]
    if let lineage = summary.lineage {
      lines.append("made by   autopilot \(lineage.programVersion), told")
      lines += told(lineage).map { "          " + wrapped($0, width: 90, indent: "            ") }
    }
    lines.append(wrapped(ingestLine(summary.report), indent: "          "))
    var sources = TerminalTable([
      ("source", .left), ("type", .leftWhole), ("bytes", .right), ("SHA-256", .leftWhole),
    ])
    for source in summary.sources {
      sources.add([
        source.name, source.type, grouped(source.bytes), String(source.sha256.prefix(32)),
      ])
    }
    var defects = TerminalTable([
      ("skipped or changed", .left), ("count", .right), ("in", .left), ("first", .left),
    ])
    for defect in summary.report.defects {
      defects.add([
        "\(defect.reason) (\(defect.effect.rawValue))", grouped(defect.count), defect.source,
        defect.example,
      ])
    }
    return lines.joined(separator: "\n") + "\n\n" + sources.text(width: 110)
      + (summary.report.defects.isEmpty ? "" : "\n" + defects.text(width: 110))
  }

  /// The members of the configuration, one a line.
  private func told(_ lineage: DatasetLineage) -> [String] {
    guard
      let value = try? JSONValue(parsing: Array(lineage.configuration.utf8), source: "lineage"),
      case .object(let members) = value
    else { return [lineage.configuration] }
    return members.sorted { $0.key < $1.key }.filter { $0.value != .null }
      // Blanks, so that long lists can be wrapped.
      .map { "\($0.key) \($0.value.text().replacing(",\"", with: ", \""))" }
  }
}
