import Diagnostics
import IsolationForest
import LinearAlgebra
import Testing

@Suite struct ONNXTests {
  /// A message as fields in order, each with its number and its content.
  private func fields(_ bytes: [UInt8]) throws -> [(number: Int, content: [UInt8])] {
    var (place, fields) = (0, [(number: Int, content: [UInt8])]())
    func varint() throws -> Int {
      var (value, shift) = (0, 0)
      while true {
        try #require(place < bytes.count && shift < 63)
        let byte = bytes[place]
        place += 1
        value |= Int(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { return value }
      }
    }
    while place < bytes.count {
      let key = try varint()
      let begin = place
      switch key & 7 {
      case 0:
        _ = try varint()
        fields.append((key >> 3, Array(bytes[begin..<place])))
      case 2:
        let count = try varint()
        try #require(place + count <= bytes.count)
        fields.append((key >> 3, Array(bytes[place..<place + count])))
        place += count
      case 5:
        fields.append((key >> 3, Array(bytes[place..<place + 4])))
        place += 4
      default: Issue.record("wire type \(key & 7)")
      }
    }
    return fields
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `the graph is an ensemble, a product and an exponential`() throws {
    let forest = try IsolationForest.fit(
      normalRows(100, 3, seed: 1), configuration: .init(trees: 4, subsample: 16), seed: 2)
    let model = try fields(forest.onnx(names: ["a", "b", "c"], producer: ("test", "1")))
    #expect(model.map(\.number) == [1, 2, 3, 7, 8, 8, 14])
    #expect(text(try fields(model[6].content)[1].content) == "a\nb\nc")
    let graph = try fields(model[3].content)
    let nodes = try graph.filter { $0.number == 1 }.map { try fields($0.content) }
    let types = nodes.map { node in node.filter { $0.number == 4 }.map { text($0.content) } }
    #expect(types == [["TreeEnsembleRegressor"], ["Mul"], ["Exp"]])
    var attributes: [String: [(number: Int, content: [UInt8])]] = [:]
    for attribute in nodes[0] where attribute.number == 5 {
      let parts = try fields(attribute.content)
      attributes[text(parts[0].content)] = parts
    }
    let stored = try reachableNodes(forest)
    #expect(attributes["nodes_values"]?[1].content.count == 4 * stored.count)
    #expect(
      attributes["target_weights"]?[1].content.count == 4 * stored.count { $0.feature < 0 })
    let modes = attributes["nodes_modes"]?.filter { $0.number == 9 }.map { text($0.content) }
    #expect(modes?.count == stored.count)
    #expect(modes?.count { $0 == "LEAF" } == stored.count { $0.feature < 0 })
    #expect(modes?.count { $0 == "BRANCH_LEQ" } == stored.count { $0.feature >= 0 })
  }

  @Test func `equal forests give equal bytes`() throws {
    let rows = normalRows(100, 3, seed: 1)
    let files = try (0..<2).map { _ in
      try IsolationForest.fit(rows, seed: 2).onnx(producer: ("test", "1"))
    }
    #expect(files[0] == files[1])
  }

  @Test(arguments: [
    IsolationForestConfiguration(extensionLevel: 1), .init(missing: .both),
  ])
  func `what the operator does not know is refused`(
    configuration: IsolationForestConfiguration
  ) throws {
    let forest = try IsolationForest.fit(
      normalRows(100, 3, seed: 1), configuration: configuration, seed: 2)
    let error = #expect(throws: IsolationForestError.self) {
      try forest.onnx(producer: ("test", "1"))
    }
    #expect(error?.description.contains("ONNX") == true)
    #expect(error?.kind == .invalidInput)
  }
}
