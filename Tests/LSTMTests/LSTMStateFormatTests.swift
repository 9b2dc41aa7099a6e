import Diagnostics
import LSTM
import Testing

@Suite struct LSTMStateFormatTests {
  static let shape = LSTMShape(inputs: 3, hidden: 5, layers: 2, outputs: 3)

  private let network = LSTMNetwork(shape: shape, seed: 1)
  private var format: LSTMStateFormat { LSTMStateFormat(network) }

  @Test func `a saved state goes on exactly as the one that was kept`() throws {
    var kept = LSTMState(for: Self.shape)
    _ = LSTMStepperTests.stream(network, numbers(30, seed: 2), &kept)
    let bytes = format.bytes(of: kept)
    var restored = try format.state(from: bytes)
    #expect(restored == kept)
    #expect(bytes.count == format.byteCount && bytes.count == 24 + 8 * 10 + 8)
    let rows = numbers(60, seed: 3)
    let forecasts = LSTMStepperTests.stream(network, rows, &kept)
    #expect(LSTMStepperTests.stream(network, rows, &restored) == forecasts)
    #expect(format.bytes(of: restored) == format.bytes(of: kept))
  }

  @Test func `bytes begin with the format's name, its version and the sizes`() {
    let bytes = format.bytes(of: LSTMState(for: Self.shape))
    #expect(Array(bytes[..<4]) == Array("APLS".utf8))
    #expect(bytes[4..<16].elementsEqual([1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0]))
  }

  @Test func `every flipped bit is noticed`() {
    let bytes = format.bytes(of: LSTMState.random(Self.shape, seed: 4))
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(throws: LSTMError.self, "byte \(place)") { try format.state(from: damaged) }
    }
  }

  @Test func `every other length is refused`() {
    let bytes = format.bytes(of: LSTMState.random(Self.shape, seed: 4))
    for count in 0..<bytes.count {
      #expect(throws: LSTMError.self) { try format.state(from: Array(bytes[..<count])) }
    }
    #expect(throws: LSTMError.self) { try format.state(from: bytes + [0]) }
  }

  @Test func `the state of another network is refused, even of the same size`() {
    let bytes = format.bytes(of: LSTMState(for: Self.shape))
    let retrained = LSTMStateFormat(LSTMNetwork(shape: Self.shape, seed: 2))
    let larger = LSTMStateFormat(
      LSTMNetwork(shape: LSTMShape(inputs: 3, hidden: 6, layers: 2, outputs: 3), seed: 1))
    for (other, reason) in [
      (retrained, "another network of the same size"), (larger, "the network has 2 of 6"),
    ] {
      let error = #expect(throws: LSTMError.self) { try other.state(from: bytes, source: "cart") }
      let text = error?.description ?? ""
      #expect(text.hasPrefix("cart: ") && text.contains(reason), "\(text)")
      #expect(error?.kind == .integrity)
    }
  }

  @Test func `memory that no network has is refused`() {
    let impossible: [(outputs: [Float], cells: [Float])] = [
      (Array(repeating: 1.5, count: 10), Array(repeating: 0, count: 10)),
      (Array(repeating: .nan, count: 10), Array(repeating: 0, count: 10)),
      (Array(repeating: 0, count: 10), Array(repeating: .infinity, count: 10)),
    ]
    for (outputs, cells) in impossible {
      let bytes = format.bytes(of: LSTMState(for: Self.shape, outputs: outputs, cells: cells))
      #expect(throws: LSTMError.self) { try format.state(from: bytes) }
    }
  }
}
