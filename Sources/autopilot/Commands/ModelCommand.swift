internal import ArgumentParser
internal import Pipeline
internal import Storage

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Look into a model, take its isolation forests and LSTMs elsewhere, and bring LSTMs.",
    subcommands: [
      InspectModelCommand.self, ExportModelCommand.self, ImportModelCommand.self,
    ])
}

struct InspectModelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's isolation forests: trees, depths, size, important features.")

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "Only the forest of this service.")
  var service: String?

  @Option(help: "Draw this tree instead, from 0.")
  var tree: Int?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if tree != nil, common.output == .json {
      throw ValidationError("A tree is drawn as text; --tree does not go with --output json.")
    }
  }

  func run() async throws {
    let portrait = try ForestPortrait(
      await trust.load(model).model, service: service)
    if let tree {
      writeOutput(try portrait.text(ofTree: tree))
    } else {
      common.print(portrait.text(), json: portrait.json())
    }
  }
}
