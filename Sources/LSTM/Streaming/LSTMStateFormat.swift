internal import Storage

/// Writes states as bytes and reads them back, for one network.
///
/// | bytes | content, little-endian |
/// | --- | --- |
/// | 4 | `APLS` |
/// | 4 | version of this format, 1 |
/// | 4 + 4 | layers and units per layer |
/// | 8 | `LSTMNetwork.fingerprint` of the network whose memory this is |
/// | 4 × layers × units | outputs, 32-bit floats |
/// | 4 × layers × units | cells, 32-bit floats |
/// | 8 | the first bytes of the SHA-256 of all before |
public struct LSTMStateFormat: Sendable {
  /// The version that is written, and the only one that is read.
  public static let version: UInt32 = 1
  private static let magic = Array("APLS".utf8)
  private static let headerBytes = 24
  private static let checkBytes = 8

  private let shape: LSTMShape
  private let fingerprint: UInt64

  /// Prepares for the states of a network.
  public init(_ network: LSTMNetwork) {
    (shape, fingerprint) = (network.shape, network.fingerprint)
  }

  /// The size of every state, in bytes.
  public var byteCount: Int {
    Self.headerBytes + 8 * shape.layers * shape.hidden + Self.checkBytes
  }

  /// A state as bytes; equal states give equal bytes.
  ///
  /// - Precondition: The state is one of this network.
  public func bytes(of state: LSTMState) -> [UInt8] {
    let units = shape.layers * shape.hidden
    precondition(
      state.outputs.count == units && state.cells.count == units,
      "a state of \(state.cells.count) units for \(units)")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    bytes += Self.magic
    for number in [Self.version, UInt32(shape.layers), UInt32(shape.hidden)] {
      bytes.append(bytesOf: number)
    }
    bytes.append(bytesOf: fingerprint)
    for value in state.outputs { bytes.append(bytesOf: value.bitPattern) }
    for value in state.cells { bytes.append(bytesOf: value.bitPattern) }
    bytes += Self.check(bytes[...])
    return bytes
  }

  /// Reads a state.
  ///
  /// - Parameter source: The name to use in errors, usually the file's path.
  /// - Returns: A state that goes on exactly as the saved one.
  /// - Throws: `LSTMError` when the bytes are no state, are damaged, or are the memory of
  ///   another network.
  public func state(
    from bytes: [UInt8], source: String = "lstm state"
  ) throws(LSTMError) -> LSTMState {
    func damaged(_ reason: String) -> LSTMError { .damagedState(source: source, reason: reason) }
    guard bytes.starts(with: Self.magic), bytes.count >= Self.headerBytes else {
      throw damaged("it does not begin as a state of \(Self.headerBytes) bytes or more")
    }
    let version: UInt32 = bytes.number(at: 4)
    guard version == Self.version else {
      throw .foreignState(
        source: source, reason: "its format has version \(version), this program reads 1")
    }
    let (layers, hidden): (UInt32, UInt32) = (bytes.number(at: 8), bytes.number(at: 12))
    guard layers == shape.layers, hidden == shape.hidden else {
      throw .foreignState(
        source: source,
        reason: "it remembers \(layers) layers of \(hidden) units, the network has "
          + "\(shape.layers) of \(shape.hidden)")
    }
    guard bytes.count == byteCount else {
      throw damaged("it has \(bytes.count) bytes and should have \(byteCount)")
    }
    let end = byteCount - Self.checkBytes
    guard Array(bytes[end...]) == Self.check(bytes[..<end]) else {
      throw damaged("its check sum is wrong")
    }
    guard bytes.number(at: 16) == fingerprint else {
      throw .foreignState(source: source, reason: "another network of the same size wrote it")
    }
    let units = shape.layers * shape.hidden
    func floats(_ begin: Int) -> [Float] {
      (0..<units).map { Float(bitPattern: bytes.number(at: begin + 4 * $0)) }
    }
    let state = LSTMState(
      for: shape, outputs: floats(Self.headerBytes), cells: floats(Self.headerBytes + 4 * units))
    if let reason = state.defect { throw damaged(reason) }
    return state
  }

  private static func check(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array(SHA256Digest.hexadecimal(of: bytes).prefix(2 * checkBytes))
    return (0..<checkBytes).map { UInt8(String(digits[2 * $0..<2 * $0 + 2]), radix: 16) ?? 0 }
  }
}

extension LSTMNetwork {
  /// The first 64 bits of the SHA-256 of sizes and weights: tells networks apart whose states look
  /// alike.
  ///
  /// - Complexity: O(parameters).
  public var fingerprint: UInt64 {
    var digest = SHA256Digest()
    let sizes = [shape.inputs, shape.hidden, shape.layers, shape.outputs, shape.horizon]
    for size in sizes + [shape.layerNorm ? 1 : 0, shape.quantiles.count] {
      digest.update(framing: size)
    }
    digest.update(littleEndian: shape.quantiles)
    digest.update(littleEndian: parameters)
    return UInt64(digest.hexadecimal.prefix(16), radix: 16) ?? 0
  }
}

extension LSTMState {
  /// Why this cannot be the memory of any network, or nil.
  var defect: String? {
    if outputs.contains(where: { !($0.magnitude <= 1) }) {
      return "an output is outside of [-1, 1]"
    }
    if cells.contains(where: { !$0.isFinite }) { return "a cell is not a finite number" }
    return nil
  }
}

extension [UInt8] {
  fileprivate mutating func append(bytesOf number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  fileprivate func number<Number: FixedWidthInteger>(at place: Int) -> Number {
    (0..<Number.bitWidth / 8).reduce(0) { $0 | Number(self[place + $1]) << (8 * $1) }
  }
}
