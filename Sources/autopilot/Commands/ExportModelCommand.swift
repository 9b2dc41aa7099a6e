internal import ArgumentParser
internal import Pipeline
internal import Storage

/// The models that there are in formats of others.
enum ModelKind: String, CaseIterable, ExpressibleByArgument {
  case forest
  case lstm
}

/// The formats of others.
enum ModelFormat: String, CaseIterable, ExpressibleByArgument {
  case onnx
  case safetensors

  /// As the form of an LSTM.
  var forecaster: ForecasterFormat {
    switch self {
    case .onnx: .onnx
    case .safetensors: .safetensors
    }
  }
}

struct ExportModelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model's isolation forests or LSTMs for other runtimes, one file each.",
    discussion: """
      ONNX files of forests take a service's scaled features, in the order of their metadata \
      'columns', and give the raw scores of the forest. Those of LSTMs take rows of scaled channels \
      and give the forecasts of the next ones. Services with the same channels share an LSTM, which \
      is named after the first.
      """)

  @Argument(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "What to export: forest or lstm.")
  var kind = ModelKind.forest

  @Option(help: "The format: onnx, or safetensors with PyTorch's names for an LSTM.")
  var format = ModelFormat.onnx

  @Option(help: "Only the forest or the LSTM of this service.")
  var service: String?

  @Option(help: "The folder to write into; it is made when it does not exist.")
  var out: String

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if kind == .forest, format != .onnx {
      throw ValidationError("A forest is exported as onnx; --format safetensors is for an LSTM.")
    }
  }

  func run() async throws {
    let model = try await trust.load(model).model
    let files: [(services: [String], name: String, bytes: [UInt8])] =
      switch kind {
      case .forest:
        try model.forestsInONNX(of: service).map { ([$0.service], $0.name, $0.bytes) }
      case .lstm:
        try model.forecasters(of: service, as: format.forecaster).map {
          ($0.services, $0.name, $0.bytes)
        }
      }
    try refuse(output: out)
    _ = try FileSystem.createDirectories(at: out)
    for file in files {
      try FileSystem.writeFileAtomically(file.bytes, to: "\(out)/\(file.name)")
    }
    let lines = files.map {
      "\(out)/\($0.name)  \($0.services.joined(separator: ", ")), \(size($0.bytes.count))\n"
    }
    common.print(
      lines.joined(),
      json: .array(
        files.map { file in
          let services: JSONValue =
            kind == .forest
            ? .string(file.services[0]) : .array(file.services.map(JSONValue.string))
          return [
            kind == .forest ? "service" : "services": services,
            "path": .string("\(out)/\(file.name)"), "bytes": .integer(file.bytes.count),
          ]
        }))
  }
}
