import LSTM
import LinearAlgebra
import Storage
import Testing

@Suite struct LSTMFleetTests {
  /// Steps services of a fleet and returns their forecasts, [services × O].
  private func step(
    _ fleet: inout LSTMFleet, _ services: [LSTMFleet.Service], _ inputs: [Float]
  ) -> [Float] {
    var forecasts = [Float](
      repeating: .nan, count: services.count * fleet.network.shape.headWidth)
    var span = forecasts.mutableSpan
    fleet.step(services, inputs: inputs.span, forecasts: &span)
    return forecasts
  }

  @Test(arguments: LSTMStepperTests.shapes)
  func `services get the bits of a network of their own, whoever is in a call`(shape: LSTMShape) {
    let network = LSTMNetwork(shape: shape, seed: 1)
    // More than a block and a half.
    let count = 150
    var fleet = LSTMFleet(network)
    let services = (0..<count).map { fleet.add("service \($0)") }
    var alone = Array(repeating: LSTMState(for: shape), count: count)
    var generator = Philox(seed: 2, purpose: "subsets")
    for round in 0..<12 {
      // All of them, one, then random subsets in random order.
      var chosen = Array(0..<count)
      for last in stride(from: count - 1, to: 0, by: -1) {
        chosen.swapAt(last, generator.index(below: last + 1))
      }
      if round > 0 { chosen.removeLast(round == 1 ? count - 1 : generator.index(below: count)) }
      let inputs = numbers(chosen.count * shape.inputs, within: 2, seed: UInt64(100 + round))
      let forecasts = step(&fleet, chosen.map { services[$0] }, inputs)
      for (place, service) in chosen.enumerated() {
        let row = Array(inputs[place * shape.inputs..<(place + 1) * shape.inputs])
        let expected = LSTMStepperTests.stream(network, row, &alone[service])
        let own = forecasts[place * shape.headWidth..<(place + 1) * shape.headWidth]
        #expect(own.map(\.bitPattern) == expected.map(\.bitPattern))
      }
    }
    for (service, state) in zip(services, alone) { #expect(fleet.state(of: service) == state) }
  }

  @Test func `ten thousand services cost 8 bytes a unit and layer, and removed ones are reused`() {
    let shape = LSTMShape(inputs: 2, hidden: 64, layers: 1, outputs: 2)
    let count = 10_000
    var fleet = LSTMFleet(LSTMNetwork(shape: shape, seed: 1), capacity: count)
    var services = (0..<count).map { fleet.add("service \($0)") }
    let bytes = fleet.storeBytes
    // The allocator may round up by a page.
    #expect(bytes >= count * 8 * 64 && bytes <= count * 8 * 64 + 8192)
    var sum = step(&fleet, services, numbers(count * 2, seed: 2))
    #expect(fleet.count == count && sum.allSatisfy { $0.isFinite })
    for generation in 0..<3 {
      for place in stride(from: generation, to: count, by: 3) {
        fleet.remove(services[place])
        services[place] = fleet.add("successor \(place)")
      }
      sum = step(&fleet, services, numbers(count * 2, seed: 3))
    }
    #expect(fleet.count == count && fleet.storeBytes == bytes)
  }

  @Test func `a reset or added service remembers nothing, and others do not notice`() {
    let shape = LSTMShape(inputs: 3, hidden: 5, layers: 2, outputs: 3)
    var fleet = LSTMFleet(LSTMNetwork(shape: shape, seed: 1))
    let (cart, pay) = (fleet.add("cart"), fleet.add("pay"))
    _ = step(&fleet, [cart, pay], numbers(6, seed: 2))
    let kept = fleet.state(of: pay)
    #expect(fleet.state(of: cart) != LSTMState(for: shape))
    fleet.reset(cart)
    #expect(fleet.state(of: cart) == LSTMState(for: shape))
    _ = step(&fleet, [cart], numbers(3, seed: 3))
    fleet.remove(cart)
    let ship = fleet.add("ship")
    #expect(fleet.state(of: ship) == LSTMState(for: shape))
    #expect(fleet.state(of: pay) == kept)
    #expect(fleet.names == ["pay", "ship"] && fleet["cart"] == nil && fleet["ship"] == ship)
  }

  @Test func `a service can leave with its state and come back`() {
    let shape = LSTMShape(inputs: 3, hidden: 5, layers: 2, outputs: 3)
    let network = LSTMNetwork(shape: shape, seed: 1)
    var (first, second) = (LSTMFleet(network), LSTMFleet(network))
    let cart = first.add("cart")
    _ = step(&first, [cart], numbers(3, seed: 2))
    _ = second.add("pay")
    let moved = second.add("cart")
    second.restore(first.state(of: cart), of: moved)
    let row = numbers(3, seed: 3)
    #expect(step(&first, [cart], row) == step(&second, [moved], row))
  }

  @Test func `a stored fleet goes on exactly`() throws {
    let shape = LSTMShape(inputs: 3, hidden: 5, layers: 2, outputs: 3)
    let network = LSTMNetwork(shape: shape, seed: 1)
    var fleet = LSTMFleet(network)
    let services = ["ship", "cärt", "pay", "old"].map { fleet.add($0) }
    _ = step(&fleet, services, numbers(12, seed: 2))
    fleet.remove(services[3])
    var bundle = TensorBundle()
    fleet.encode(into: &bundle)
    var restored = try LSTMFleet(
      decoding: TensorBundle(safetensors: bundle.safetensors(), source: "fleet"), network: network)
    #expect(restored.names == fleet.names && fleet.names == ["cärt", "pay", "ship"])
    let rows = numbers(9, seed: 3)
    let places = try restored.names.map { try #require(restored[$0]) }
    let expected = try fleet.names.map { try #require(fleet[$0]) }
    #expect(step(&restored, places, rows) == step(&fleet, expected, rows))
  }

  @Test func `a damaged fleet, or one of another network, is refused`() throws {
    let shape = LSTMShape(inputs: 3, hidden: 5, layers: 2, outputs: 3)
    let network = LSTMNetwork(shape: shape, seed: 1)
    var fleet = LSTMFleet(network)
    for name in ["cart", "pay"] { fleet.add(name) }
    var intact = TensorBundle(source: "fleet.safetensors")
    fleet.encode(into: &intact)
    func refused(_ network: LSTMNetwork, _ change: (inout TensorBundle) -> Void) -> String {
      var bundle = intact
      change(&bundle)
      do {
        _ = try LSTMFleet(decoding: bundle, network: network)
        return ""
      } catch { return "\(error)" }
    }
    func replace(_ name: String, _ shape: [Int], _ values: TensorBundle.Values) -> String {
      refused(network) {
        $0.tensors["fleet.\(name)"] = TensorBundle.Tensor(shape: shape, values: values)
      }
    }
    #expect(refused(LSTMNetwork(shape: shape, seed: 2)) { _ in }.contains("another network"))
    #expect(refused(network) { $0.tensors["fleet.cells"] = nil }.contains("fleet.cells"))
    #expect(replace("version", [1], .int32([2])).contains("version 2"))
    #expect(replace("name_lengths", [2], .int32([4, 9])).contains("name 1 is not UTF-8"))
    #expect(replace("name_lengths", [2], .int32([4, -1])).contains("name 1 is not UTF-8"))
    #expect(replace("name_lengths", [2], .int32([4, 2])).contains("longer than they should be"))
    #expect(replace("names", [7], .uint8(Array("cartpa".utf8) + [0xFF])).contains("not UTF-8"))
    #expect(
      replace("outputs", [2, 2, 5], .float(Array(repeating: 2, count: 20))).contains("outside"))
    var twice = intact
    twice.tensors["fleet.names"] = .init(shape: [8], values: .uint8(Array("cartcart".utf8)))
    twice.tensors["fleet.name_lengths"] = .init(shape: [2], values: .int32([4, 4]))
    #expect(throws: LSTMError.self) { try LSTMFleet(decoding: twice, network: network) }
  }

  @Test func `a service twice in a step traps`() async {
    await #expect(processExitsWith: .failure) {
      var fleet = LSTMFleet(
        LSTMNetwork(shape: LSTMShape(inputs: 1, hidden: 2, layers: 1, outputs: 1), seed: 1))
      let cart = fleet.add("cart")
      var output: [Float] = [0, 0]
      var span = output.mutableSpan
      fleet.step([cart, cart], inputs: ([1, 2] as [Float]).span, forecasts: &span)
    }
  }

  @Test func `a removed service traps, even when its place is taken`() async {
    await #expect(processExitsWith: .failure) {
      var fleet = LSTMFleet(
        LSTMNetwork(shape: LSTMShape(inputs: 1, hidden: 2, layers: 1, outputs: 1), seed: 1))
      let cart = fleet.add("cart")
      fleet.remove(cart)
      fleet.add("pay")
      _ = fleet.state(of: cart)
    }
  }
}
