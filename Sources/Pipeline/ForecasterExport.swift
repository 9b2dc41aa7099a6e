internal import Detection
internal import LSTM
internal import Scoring
public import Storage

/// The form of an LSTM outside of a model.
public enum ForecasterFormat: String, CaseIterable, Sendable {
  /// A graph for other runtimes.
  case onnx
  /// The weights under PyTorch's names.
  case safetensors
}

/// An LSTM in another format.
public struct ExportedForecaster: Sendable {
  /// The services that share it, ascending.
  public var services: [String]
  /// The file's name: that of the first service with what a file cannot be called replaced.
  public var name: String
  /// The file.
  public var bytes: [UInt8]
}

extension TrainedModel {
  /// The model's LSTMs, one for all services with the same channels.
  ///
  /// - Parameter service: The only service to export for; nil for all.
  /// - Throws: `PipelineError.noForecaster` when there is none.
  public func forecasters(
    of service: String?, as format: ForecasterFormat
  ) throws(PipelineError) -> [ExportedForecaster] {
    let model = scoring.detectors.lazy.compactMap { $0 as? ForecastModel }.first
    let groups = model?.groups ?? []
    let chosen = service.map { name in groups.filter { $0.services.contains(name) } } ?? groups
    guard let model, !chosen.isEmpty else {
      throw .noForecaster(service: service, known: groups.flatMap(\.services).sorted())
    }
    var names: Set<String> = []
    return chosen.map { group in
      let title = service ?? group.services.first ?? ""
      return ExportedForecaster(
        services: group.services,
        name: fileName(title, among: &names) + "-lstm.\(format.rawValue)",
        bytes: group.network.file(
          format, columns: model.inputNames(of: group), outputs: group.channels))
    }
  }
}

extension LSTMNetwork {
  /// The file of a network.
  func file(_ format: ForecasterFormat, columns: [String], outputs: [String]) -> [UInt8] {
    switch format {
    case .onnx:
      onnx(
        columns: columns, outputs: outputs, producer: ("autopilot", ModelArtifact.programVersion))
    case .safetensors: pytorchTensors().safetensors()
    }
  }
}

/// An LSTM that was trained elsewhere, checked.
public struct ImportedForecaster: Sendable {
  private let network: LSTMNetwork

  /// Reads the weights of a PyTorch module with an `nn.LSTM` and an `nn.Linear`.
  ///
  /// - Throws: `StorageError` when the file cannot be read or is no safetensors file;
  ///   `LSTMError.unusableWeights` when its tensors are no such module.
  public init(pytorch path: String) throws {
    // The largest that 4 layers need by far; what is longer is something else.
    let file = try FileSystem.readFile(at: path, limit: 1 << 30)
    network = try LSTMNetwork(pytorch: TensorBundle(safetensors: file, source: path))
  }

  /// Its file in one of our formats.
  public func file(_ format: ForecasterFormat) -> [UInt8] {
    network.file(format, columns: [], outputs: [])
  }

  /// Its sizes, for people.
  public var text: String {
    let shape = network.shape
    return "layers \(shape.layers), units \(shape.hidden), inputs \(shape.inputs), "
      + "outputs \(shape.outputs), parameters \(shape.parameterCount)"
  }

  /// The same for programs.
  public var json: JSONValue {
    let shape = network.shape
    return [
      "layers": .integer(shape.layers), "hidden": .integer(shape.hidden),
      "inputs": .integer(shape.inputs), "outputs": .integer(shape.outputs),
      "parameters": .integer(shape.parameterCount),
    ]
  }
}

/// A service's name as that of a file, different from all before.
func fileName(_ service: String, among names: inout Set<String>) -> String {
  var name = String(
    service.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  while !names.insert(name).inserted || name.hasPrefix(".") { name = "_" + name }
  return name
}
