internal import ArgumentParser
internal import Pipeline
internal import Storage

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Look into a model, and take its isolation forests elsewhere.",
    subcommands: [InspectModelCommand.self, ExportModelCommand.self])
}

struct InspectModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's isolation forests: trees, depths, size, important features.")

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "Only the forest of this service.")
  var service: String?

  @Option(help: "Draw this tree instead, from 0.")
  var tree: Int?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if tree != nil, common.output == .json {
      throw ValidationError("A tree is drawn as text; --tree does not go with --output json.")
    }
  }

  func run() throws {
    let portrait = try ForestPortrait(ModelArtifact.load(model).model, service: service)
    if let tree {
      writeOutput(try portrait.text(ofTree: tree))
    } else {
      common.print(portrait.text(), json: portrait.json())
    }
  }
}

struct ExportModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model's isolation forests for other runtimes, one file a service.",
    discussion: """
      ONNX files take a service's scaled features, in the order of their metadata 'columns', and \
      give the raw scores of the forest.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case onnx }

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "The format: onnx.")
  var format = Format.onnx

  @Option(help: "Only the forest of this service.")
  var service: String?

  @Option(help: "The folder to write into; it is made when it does not exist.")
  var out: String

  @OptionGroup var common: CommonOptions

  func run() throws {
    let forests = try ModelArtifact.load(model).model.forestsInONNX(of: service)
    try refuse(output: out)
    _ = try FileSystem.createDirectories(at: out)
    for forest in forests {
      try FileSystem.writeFileAtomically(forest.bytes, to: "\(out)/\(forest.name)")
    }
    let lines = forests.map { "\(out)/\($0.name)  \($0.service), \(size($0.bytes.count))\n" }
    common.print(
      lines.joined(),
      json: .array(
        forests.map {
          [
            "service": .string($0.service), "path": .string("\(out)/\($0.name)"),
            "bytes": .integer($0.bytes.count),
          ]
        }))
  }
}
