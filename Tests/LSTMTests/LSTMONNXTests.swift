import LSTM
import Testing

@Suite struct LSTMONNXTests {
  /// A message's fields in order, each with its number and its content.
  private func fields(_ bytes: [UInt8]) throws -> [(number: Int, content: [UInt8])] {
    var (place, fields) = (0, [(number: Int, content: [UInt8])]())
    func varint() throws -> Int {
      var (value, shift) = (0, 0)
      while true {
        try #require(place < bytes.count && shift < 70)
        let byte = bytes[place]
        place += 1
        if shift < 63 { value |= Int(byte & 0x7F) << shift }
        shift += 7
        if byte < 0x80 { return value }
      }
    }
    while place < bytes.count {
      let key = try varint()
      let begin = place
      switch key & 7 {
      case 0: _ = try varint()
      case 2:
        let count = try varint()
        try #require(place + count <= bytes.count)
        fields.append((key >> 3, Array(bytes[place..<place + count])))
        place += count
        continue
      default: place += 4
      }
      fields.append((key >> 3, Array(bytes[begin..<place])))
    }
    return fields
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func graph(layers: Int) throws -> [(number: Int, content: [UInt8])] {
    let shape = LSTMShape(inputs: 3, hidden: 2, layers: layers, outputs: 1)
    let model = try fields(
      LSTMNetwork(shape: shape, seed: 1).onnx(
        columns: ["a", "b", "c"], outputs: ["a"], producer: ("test", "1")))
    #expect(model.map(\.number) == [1, 2, 3, 7, 8, 14, 14])
    #expect(text(try fields(model[5].content)[1].content) == "a\nb\nc")
    #expect(text(try fields(model[6].content)[1].content) == "a")
    return try fields(model[3].content)
  }

  @Test(arguments: [1, 3]) func `there is an LSTM node per layer, each fed by the one below`(
    layers: Int
  ) throws {
    let nodes = try graph(layers: layers).filter { $0.number == 1 }.map { try fields($0.content) }
    func texts(_ node: [(number: Int, content: [UInt8])], _ number: Int) -> [String] {
      node.filter { $0.number == number }.map { text($0.content) }
    }
    let lstm = nodes.filter { texts($0, 4) == ["LSTM"] }
    #expect(lstm.count == layers)
    for (layer, node) in lstm.enumerated() {
      #expect(
        texts(node, 1) == [
          layer == 0 ? "rows" : "outputs_l\(layer - 1)", "weight_ih_l\(layer)",
          "weight_hh_l\(layer)", "bias_l\(layer)", "", "h0_l\(layer)", "c0_l\(layer)",
        ])
    }
  }

  @Test func `gates stand in the order i, o, f, c`() throws {
    let shape = LSTMShape(inputs: 3, hidden: 2, layers: 1, outputs: 1)
    let network = LSTMNetwork(shape: shape, seed: 1)
    let ours = try #require(network[tensor: "lstm.weight_hh_l0"])
    let tensors = try graph(layers: 1).filter { $0.number == 5 }.map { try fields($0.content) }
    let stored = try #require(
      tensors.first { $0.contains { $0.number == 8 && text($0.content) == "weight_hh_l0" } })
    let bytes = try #require(stored.first { $0.number == 4 }).content
    let theirs = stride(from: 0, to: bytes.count, by: 4).map { place in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) })
    }
    // Two rows of two numbers per gate; ours are i, f, g, o.
    let gates = (0..<4).map { Array(ours[4 * $0..<4 * $0 + 4]) }
    #expect(theirs == gates[0] + gates[3] + gates[1] + gates[2])
  }

  @Test func `equal networks give equal bytes`() {
    let shape = LSTMShape(inputs: 3, hidden: 4, layers: 2, outputs: 2)
    let files = (0..<2).map { _ in
      LSTMNetwork(shape: shape, seed: 1).onnx(producer: ("test", "1"))
    }
    #expect(files[0] == files[1])
  }
}
