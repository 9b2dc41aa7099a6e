/// The memory of one network for many services, and steps of any of them together.
///
/// Each service has its own state, as if it had an `LSTMState`, and gets the same forecasts bit for
/// bit whichever others are in a call. States lie in one store of 8 · layers · H bytes per
/// service; names and bookkeeping add about a hundred. Removed services leave room for new
/// ones. Scratch memory is that of `blockSize` services, whatever their number.
public struct LSTMFleet: Sendable {
  /// A service of a fleet, valid until it is removed.
  public struct Service: Hashable, Sendable {
    /// Its place in the store.
    let slot: Int
    /// How many services had this place before.
    let generation: Int
  }

  /// Services that are advanced side by side.
  public static let blockSize = 64

  /// The network.
  public let network: LSTMNetwork
  /// Per place: outputs [layers × H], then cells [layers × H].
  private var states: [Float] = []
  /// Per place: the service's name; nil where there is none.
  private var slotNames: [String?] = []
  private var generations: [Int] = []
  /// Per place: the last call that advanced it.
  private var calls: [Int] = []
  private var slots: [String: Int] = [:]
  private var free: [Int] = []
  private var call = 0
  private var block: Block

  /// Makes a fleet without services.
  ///
  /// - Parameter capacity: Services to make room for at once, so that adding them moves nothing.
  public init(_ network: LSTMNetwork, capacity: Int = 0) {
    self.network = network
    block = Block(network.shape)
    states.reserveCapacity(capacity * stateSize)
    slotNames.reserveCapacity(capacity)
    generations.reserveCapacity(capacity)
    calls.reserveCapacity(capacity)
    slots.reserveCapacity(capacity)
  }

  /// Services at present.
  public var count: Int { slots.count }

  /// Their names, ascending.
  public var names: [String] { slots.keys.sorted() }

  /// Bytes that the store of states takes, free places and reserved room included.
  public var storeBytes: Int { states.capacity * MemoryLayout<Float>.stride }

  /// The service of a name, or nil.
  public subscript(name: String) -> Service? {
    slots[name].map { Service(slot: $0, generation: generations[$0]) }
  }

  /// Adds a service that remembers nothing.
  ///
  /// - Precondition: No service has the name.
  @discardableResult
  public mutating func add(_ name: String) -> Service {
    precondition(slots[name] == nil, "the fleet has a service '\(name)' already")
    let slot = free.popLast() ?? slotNames.count
    if slot == slotNames.count {
      states.append(contentsOf: repeatElement(0, count: stateSize))
      slotNames.append(nil)
      generations.append(0)
      calls.append(0)
    }
    slotNames[slot] = name
    slots[name] = slot
    let service = Service(slot: slot, generation: generations[slot])
    reset(service)
    return service
  }

  /// Removes a service and what it remembers.
  ///
  /// - Precondition: The service is in the fleet.
  public mutating func remove(_ service: Service) {
    let slot = place(of: service)
    if let name = slotNames[slot] { slots[name] = nil }
    slotNames[slot] = nil
    generations[slot] += 1
    free.append(slot)
  }

  /// Forgets everything about a service, as after a gap in its series.
  ///
  /// - Precondition: The service is in the fleet.
  public mutating func reset(_ service: Service) {
    let begin = place(of: service) * stateSize
    for index in begin..<begin + stateSize { states[index] = 0 }
  }

  /// What a service remembers, for saving or to go on alone.
  ///
  /// - Precondition: The service is in the fleet.
  public func state(of service: Service) -> LSTMState {
    let (begin, units) = (place(of: service) * stateSize, stateSize / 2)
    return LSTMState(
      for: network.shape, outputs: Array(states[begin..<begin + units]),
      cells: Array(states[begin + units..<begin + stateSize]))
  }

  /// Replaces what a service remembers.
  ///
  /// - Precondition: The service is in the fleet, and the state has the network's sizes.
  public mutating func restore(_ state: LSTMState, of service: Service) {
    let (begin, units) = (place(of: service) * stateSize, stateSize / 2)
    precondition(
      state.outputs.count == units && state.cells.count == units,
      "a state of \(state.cells.count) units for \(units)")
    for unit in 0..<units {
      states[begin + unit] = state.outputs[unit]
      states[begin + units + unit] = state.cells[unit]
    }
  }

  /// Takes in one row of each of some services and forecasts their next ones.
  ///
  /// The same bits as `LSTMNetwork.step` for each service alone. Allocates nothing.
  ///
  /// - Parameters:
  ///   - services: Any of the fleet in any order, each at most once.
  ///   - inputs: Their scaled rows in the same order, [services × F]; missing values as 0.
  ///   - forecasts: Receives the forecasts of their next rows, [services × O].
  /// - Precondition: Sizes fit, and the services are different ones of the fleet.
  /// - Complexity: O(services · (layers · H · (F + H) + H · O)).
  public mutating func step(
    _ services: [Service], inputs: Span<Float>, forecasts: inout MutableSpan<Float>
  ) {
    let shape = network.shape
    precondition(
      inputs.count == services.count * shape.inputs
        && forecasts.count == services.count * shape.outputs,
      "\(inputs.count) inputs and \(forecasts.count) forecasts for \(services.count) services")
    call += 1
    for service in services {
      let slot = place(of: service)
      precondition(calls[slot] != call, "'\(slotNames[slot] ?? "")' is twice in a step")
      calls[slot] = call
    }
    for begin in stride(from: 0, to: services.count, by: Self.blockSize) {
      let part = begin..<min(begin + Self.blockSize, services.count)
      block.load(services[part], from: states)
      var output = forecasts._mutatingExtracting(
        part.lowerBound * shape.outputs..<part.upperBound * shape.outputs)
      block.advance(
        network,
        inputs: inputs.extracting(part.lowerBound * shape.inputs..<part.upperBound * shape.inputs),
        forecasts: &output)
      block.store(services[part], to: &states)
    }
  }

  /// Numbers per service: outputs and cells of all layers.
  private var stateSize: Int { 2 * network.shape.layers * network.shape.hidden }

  private func place(of service: Service) -> Int {
    precondition(
      slotNames.indices.contains(service.slot) && slotNames[service.slot] != nil
        && generations[service.slot] == service.generation,
      "the service was removed, or is one of another fleet")
    return service.slot
  }
}

/// Room for the services that are advanced side by side.
private struct Block: Sendable {
  private let shape: LSTMShape
  private var lanes = 0
  /// [layers × B × H]
  private var outputs: [Float]
  private var cells: [Float]
  private var gates: [Float]
  private var tanhCells: [Float]

  init(_ shape: LSTMShape) {
    self.shape = shape
    let units = LSTMFleet.blockSize * shape.hidden
    outputs = Array(repeating: 0, count: shape.layers * units)
    cells = outputs
    gates = Array(repeating: 0, count: 4 * units)
    tanhCells = Array(repeating: 0, count: units)
  }

  mutating func load(_ services: ArraySlice<LSTMFleet.Service>, from states: [Float]) {
    lanes = services.count
    let (hidden, units) = (shape.hidden, shape.layers * shape.hidden)
    for (lane, service) in services.enumerated() {
      for layer in 0..<shape.layers {
        let from = service.slot * 2 * units + layer * hidden
        let to = (layer * lanes + lane) * hidden
        for unit in 0..<hidden {
          outputs[to + unit] = states[from + unit]
          cells[to + unit] = states[from + units + unit]
        }
      }
    }
  }

  mutating func advance(
    _ network: LSTMNetwork, inputs: Span<Float>, forecasts: inout MutableSpan<Float>
  ) {
    let step = StreamingStep(shape: shape, lanes: lanes)
    step.advance(
      network.parameters, inputs: inputs, outputs: &outputs, cells: &cells, gates: &gates,
      tanhCells: &tanhCells)
    step.forecast(network.parameters, outputs: outputs, into: &forecasts)
  }

  func store(_ services: ArraySlice<LSTMFleet.Service>, to states: inout [Float]) {
    let (hidden, units) = (shape.hidden, shape.layers * shape.hidden)
    for (lane, service) in services.enumerated() {
      for layer in 0..<shape.layers {
        let to = service.slot * 2 * units + layer * hidden
        let from = (layer * lanes + lane) * hidden
        for unit in 0..<hidden {
          states[to + unit] = outputs[from + unit]
          states[to + units + unit] = cells[from + unit]
        }
      }
    }
  }
}
