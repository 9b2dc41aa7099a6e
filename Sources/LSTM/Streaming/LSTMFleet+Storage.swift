public import Storage

extension LSTMFleet {
  /// The version of the stored form.
  private static let storedVersion: Int32 = 1

  /// Adds what every service remembers to a bundle: 8 · layers · H bytes and the name each.
  ///
  /// | array | content, services ascending by name |
  /// | --- | --- |
  /// | `fleet.version` | I32 [1]: 1 |
  /// | `fleet.network` | U8 [8]: `LSTMNetwork.fingerprint`, little-endian |
  /// | `fleet.names` | U8: the names in UTF-8, one after the other |
  /// | `fleet.name_lengths` | I32 [services]: their lengths in bytes |
  /// | `fleet.outputs`, `fleet.cells` | F32 [services × layers × H] |
  public func encode(into bundle: inout TensorBundle) {
    let (shape, names) = (network.shape, names)
    let states = names.compactMap { self[$0] }.map { state(of: $0) }
    let texts = names.map { Array($0.utf8) }
    let fingerprint = network.fingerprint
    func add(_ name: String, _ shape: [Int], _ values: TensorBundle.Values) {
      bundle.tensors["fleet.\(name)"] = TensorBundle.Tensor(shape: shape, values: values)
    }
    add("version", [1], .int32([Self.storedVersion]))
    add(
      "network", [8],
      .uint8((0..<8).map { UInt8(truncatingIfNeeded: fingerprint >> (8 * UInt64($0))) }))
    add("names", [texts.reduce(0) { $0 + $1.count }], .uint8(Array(texts.joined())))
    add("name_lengths", [texts.count], .int32(texts.map { Int32($0.count) }))
    let sizes = [names.count, shape.layers, shape.hidden]
    add("outputs", sizes, .float(states.flatMap(\.outputs)))
    add("cells", sizes, .float(states.flatMap(\.cells)))
  }

  /// Reads what `encode(into:)` wrote.
  ///
  /// - Throws: `StorageError.invalidTensors` when an array is absent or has another type or shape;
  ///   `LSTMError` when the memory is damaged or that of another network.
  public init(decoding bundle: TensorBundle, network: LSTMNetwork) throws {
    let source = bundle.source
    func damaged(_ reason: String) -> LSTMError { .damagedState(source: source, reason: reason) }
    let version = try bundle.int32s("fleet.version", shape: [1])[0]
    guard version == Self.storedVersion else {
      throw LSTMError.foreignState(
        source: source, reason: "the format has version \(version), this program reads 1")
    }
    let written = try bundle.bytes("fleet.network", shape: [8])
    guard
      (0..<8).reduce(UInt64(0), { $0 | UInt64(written[$1]) << (8 * UInt64($1)) })
        == network.fingerprint
    else {
      throw LSTMError.foreignState(source: source, reason: "another network wrote it")
    }
    let lengths = try bundle.int32s("fleet.name_lengths", shape: [nil])
    let text = try bundle.bytes("fleet.names", shape: [nil])
    let shape = network.shape
    let sizes = [lengths.count, shape.layers, shape.hidden]
    let outputs = try bundle.floats("fleet.outputs", shape: sizes)
    let cells = try bundle.floats("fleet.cells", shape: sizes)
    self.init(network, capacity: lengths.count)
    var begin = 0
    for (index, length) in lengths.enumerated() {
      guard length >= 0, Int(length) <= text.count - begin,
        let name = String(validating: text[begin..<begin + Int(length)], as: UTF8.self)
      else { throw damaged("name \(index) is not UTF-8 of \(length) bytes") }
      begin += Int(length)
      guard self[name] == nil else { throw damaged("it holds '\(name)' twice") }
      let units = index * shape.layers * shape.hidden..<(index + 1) * shape.layers * shape.hidden
      let state = LSTMState(
        for: shape, outputs: Array(outputs[units]), cells: Array(cells[units]))
      if let reason = state.defect { throw damaged("'\(name)': \(reason)") }
      restore(state, of: add(name))
    }
    guard begin == text.count else { throw damaged("its names are longer than they should be") }
  }
}
