internal import ArgumentParser
internal import DatasetStore
internal import Report
internal import Telemetry

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a dataset in the terminal: coverage, a sparkline a column, incidents.")

  @Argument(help: "The snapshot, by the first digits of its digest or by its file.")
  var dataset: String

  @Option(help: "Only services whose name contains this.")
  var service = ""

  @Option(help: "Only columns whose name contains this.")
  var column = ""

  @Option(help: "Columns of the terminal, from 60 to 110.")
  var width = 110

  @Flag(help: "Draw with ASCII characters alone.")
  var ascii = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (60...110).contains(width) else {
      throw ValidationError("--width must be from 60 to 110, not \(width).")
    }
  }

  func run() throws {
    let data = try store.datasets.load(dataset)
    var view = DatasetPortrait.View()
    (view.service, view.column, view.width, view.ascii) = (service, column, width, ascii)
    let portrait = DatasetPortrait(data, view: view)
    guard !portrait.isEmpty || data.services.isEmpty else {
      throw ValidationError(
        "No column of a service fits; services are "
          + data.services.map(\.service).joined(separator: ", ") + ".")
    }
    common.print(portrait.text, json: portrait.json())
  }
}
