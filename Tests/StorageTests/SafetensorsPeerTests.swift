import Foundation
import Storage
import Testing

/// Our files in the hands of the format's own library, and its files in ours.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"] != nil,
    "AUTOPILOT_PEERS_PYTHON names no Python with numpy and safetensors"))
struct SafetensorsPeerTests {
  @Test func `the format's own library reads our file`() throws {
    try withTemporaryFolder { folder in
      var bundle = TensorBundle()
      bundle.tensors["w"] = .init(
        shape: [2, 2], values: .float([1, -0.0, .nan, .leastNonzeroMagnitude]))
      bundle.tensors["b \"é\""] = .init(shape: [1], values: .double([-.pi]))
      bundle.tensors["n"] = .init(shape: [3], values: .int32([.min, -1, .max]))
      bundle.tensors["u"] = .init(shape: [2], values: .uint8([0, 255]))
      bundle.tensors["v"] = .init(shape: [1], values: .uint16([0x0102]))
      bundle.tensors["none"] = .init(shape: [0, 5], values: .float([]))
      try FileSystem.writeFileAtomically(bundle.safetensors(), to: "\(folder)/x.safetensors")
      let output = try runPeer("read", "\(folder)/x.safetensors")
      let found = JSONDocument(try JSONValue(parsing: output, source: "peer"), source: "peer")
      func check(_ name: String, _ type: String, _ shape: JSONValue, _ hexadecimal: String) throws {
        #expect(try found[name].value == [.string(type), shape, .string(hexadecimal)])
      }
      #expect(try found.members.count == 6)
      try check("w", "float32", [2, 2], "0000803f" + "00000080" + "0000c07f" + "01000000")
      try check("b \"é\"", "float64", [1], "182d4454fb2109c0")
      try check("n", "int32", [3], "00000080" + "ffffffff" + "ffffff7f")
      try check("u", "uint8", [2], "00ff")
      try check("v", "uint16", [1], "0201")
      try check("none", "float32", [0, 5], "")
    }
  }

  @Test func `we read a file of the format's own library`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      _ = try runPeer("write", path)
      let bundle = try TensorBundle(
        safetensors: FileSystem.readFile(at: path, limit: 10_000), source: path)
      #expect(bundle.tensors.count == 3)
      #expect(try bundle.floats("zebra", shape: [2, 3]) == [-1, -0.75, -0.5, -0.25, 0, 0.25])
      #expect(
        try bundle.doubles("apple", shape: [3]).map(\.bitPattern)
          == [Double.pi, -0.0, .infinity].map(\.bitPattern))
      #expect(try bundle.int32s("mango", shape: [2, 1]) == [.min, .max])
    }
  }

  private func runPeer(_ arguments: String...) throws -> [UInt8] {
    let process = Process()
    let python = try #require(ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"])
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Peers/read_with_safetensors.py")
    process.executableURL = URL(filePath: python)
    process.arguments = [script.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(bytes)
  }
}
