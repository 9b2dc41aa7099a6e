internal import ArgumentParser
internal import Pipeline
internal import Storage

struct ImportModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Check the weights of an LSTM from PyTorch, and write them in our names or as ONNX.",
    discussion: """
      The safetensors file holds the state_dict of a module with one nn.LSTM and one nn.Linear, \
      whatever its fields are called. Sizes are those of the tensors; one that is missing, of no \
      use, of another shape or not finite is an error.
      """)

  @Argument(help: "The safetensors file.")
  var weights: String

  @Option(help: "What it holds: lstm.")
  var kind = Kind.lstm

  @Option(help: "The format to write: safetensors or onnx.")
  var format = ModelFormat.safetensors

  @Option(help: "The file to write; nothing is written without it.")
  var out: String?

  @OptionGroup var common: CommonOptions

  enum Kind: String, CaseIterable, ExpressibleByArgument { case lstm }

  func run() throws {
    let imported = try ImportedForecaster(pytorch: weights)
    if let out {
      try refuse(output: out, among: [weights])
      try FileSystem.writeFileAtomically(imported.file(format.forecaster), to: out)
    }
    common.print("\(imported.text)\n", json: imported.json)
  }
}
