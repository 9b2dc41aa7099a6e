import Foundation
import Storage
import Testing

/// Python programs that use other implementations.
enum Peer {
  /// The interpreter that AUTOPILOT_PEERS_PYTHON names.
  static let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"]
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")

  /// Whether the interpreter can import packages.
  static func has(_ packages: String) -> Bool {
    guard let python else { return false }
    let status = try? PyTorchParityTests.run(python, ["-c", "import \(packages)"])
    return status == 0
  }

  /// Runs one of the scripts to its end.
  static func run(_ script: String, mode: String? = nil, _ files: [URL]) throws {
    let program = folder.appending(path: script).path
    let status = try PyTorchParityTests.run(
      try #require(python), ["-B", program] + (mode.map { [$0] } ?? []) + files.map(\.path))
    try #require(status == 0)
  }
}

/// A folder that is removed with the value.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "lstm-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a safetensors file and returns its place.
  func write(_ bundle: TensorBundle, to name: String) throws -> URL {
    let file = url.appending(path: name)
    try Data(bundle.safetensors()).write(to: file)
    return file
  }

  /// Reads a safetensors file.
  func bundle(_ name: String) throws -> TensorBundle {
    try TensorBundle(
      safetensors: [UInt8](Data(contentsOf: url.appending(path: name))), source: name)
  }
}

extension TensorBundle {
  /// A bundle of 32-bit floats by name.
  init(floats: [String: (shape: [Int], values: [Float])]) {
    self.init()
    for (name, tensor) in floats {
      tensors[name] = Tensor(shape: tensor.shape, values: .float(tensor.values))
    }
  }

  /// A tensor of 32-bit floats, whatever its shape.
  func values(_ name: String) throws -> [Float] {
    try floats(name, shape: try #require(tensors[name]).shape)
  }
}
