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
  /// Per place: outputs [layers × H]; cells alike.
  private var outputs: [Float] = []
  private var cells: [Float] = []
  /// Per place: the service's name; nil where there is none.
  private var slotNames: [String?] = []
  private var generations: [Int] = []
  /// Per place: the last call that advanced it.
  private var calls: [Int] = []
  private var slots: [String: Int] = [:]
  private var free: [Int] = []
  private var call = 0
  private var stepper: LSTMStepper

  /// Makes a fleet without services.
  ///
  /// - Parameter capacity: Services to make room for at once, so that adding them moves nothing.
  public init(_ network: LSTMNetwork, capacity: Int = 0) {
    self.network = network
    stepper = LSTMStepper(network)
    outputs.reserveCapacity(capacity * units)
    cells.reserveCapacity(capacity * units)
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
  public var storeBytes: Int {
    (outputs.capacity + cells.capacity) * MemoryLayout<Float>.stride
  }

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
      outputs.append(contentsOf: repeatElement(0, count: units))
      cells.append(contentsOf: repeatElement(0, count: units))
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
    let begin = place(of: service) * units
    for index in begin..<begin + units { (outputs[index], cells[index]) = (0, 0) }
  }

  /// What a service remembers, for saving or to go on alone.
  ///
  /// - Precondition: The service is in the fleet.
  public func state(of service: Service) -> LSTMState {
    let own = place(of: service) * units..<(place(of: service) + 1) * units
    return LSTMState(
      for: network.shape, outputs: Array(outputs[own]), cells: Array(cells[own]))
  }

  /// Replaces what a service remembers.
  ///
  /// - Precondition: The service is in the fleet, and the state has the network's sizes.
  public mutating func restore(_ state: LSTMState, of service: Service) {
    let begin = place(of: service) * units
    precondition(
      state.outputs.count == units && state.cells.count == units,
      "a state of \(state.cells.count) units for \(units)")
    for unit in 0..<units {
      outputs[begin + unit] = state.outputs[unit]
      cells[begin + unit] = state.cells[unit]
    }
  }

  /// Takes in one row of each of some services and forecasts their next ones.
  ///
  /// The same bits as `LSTMStepper` for each service alone. Allocates nothing.
  ///
  /// - Parameters:
  ///   - services: Any of the fleet in any order, each at most once.
  ///   - inputs: Their scaled rows in the same order, [services × F]; missing values as 0.
  ///   - forecasts: Receives the forecasts of their next rows, [services × `headWidth`].
  /// - Precondition: Sizes fit, and the services are different ones of the fleet.
  /// - Complexity: O(services · (layers · H · (F + H) + H · O)).
  public mutating func step(
    _ services: [Service], inputs: Span<Float>, forecasts: inout MutableSpan<Float>
  ) {
    let shape = network.shape
    precondition(
      inputs.count == services.count * shape.inputs
        && forecasts.count == services.count * shape.headWidth,
      "\(inputs.count) inputs and \(forecasts.count) forecasts for \(services.count) services")
    call += 1
    for service in services {
      let slot = place(of: service)
      precondition(calls[slot] != call, "'\(slotNames[slot] ?? "")' is twice in a step")
      calls[slot] = call
    }
    let units = units
    for begin in stride(from: 0, to: services.count, by: Self.blockSize) {
      let part = begin..<min(begin + Self.blockSize, services.count)
      var output = forecasts._mutatingExtracting(
        part.lowerBound * shape.headWidth..<part.upperBound * shape.headWidth)
      stepper.step(
        lanes: part.count,
        inputs.extracting(part.lowerBound * shape.inputs..<part.upperBound * shape.inputs),
        at: { services[begin + $0].slot * units }, outputs: &outputs, cells: &cells,
        forecasts: &output)
    }
  }

  /// Numbers of outputs per service, and of cells.
  private var units: Int { network.shape.layers * network.shape.hidden }

  private func place(of service: Service) -> Int {
    precondition(
      slotNames.indices.contains(service.slot) && slotNames[service.slot] != nil
        && generations[service.slot] == service.generation,
      "the service was removed, or is one of another fleet")
    return service.slot
  }
}
