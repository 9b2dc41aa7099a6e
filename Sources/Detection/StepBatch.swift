internal import LSTM

/// Steps of networks that many services wait for, to be done side by side, which takes less than half of
/// the time and gives the same bits.
///
/// A forecast is of the next row, so that a row's score does not need the step that the row asks for.
/// Detectors put it off until the next row, unless it is done before:
///
///     var batch = StepBatch()
///     for (owner, detectors) in services.enumerated() { batch.add(detectors, owner: owner) }
///     batch.run()
///     for ticket in batch.tickets {
///       services[ticket.owner][ticket.detector].takeStep(ticket, from: batch)
///     }
public struct StepBatch: Sendable {
  /// One step, and whose it is.
  public struct Ticket: Sendable {
    /// The number that its owner gave itself.
    public let owner: Int
    /// Its place among the owner's detectors.
    public let detector: Int
    let part: Int
    let lane: Int
    /// Which step of its detector it is.
    let number: Int
  }

  /// The steps of one network.
  struct Part: Sendable {
    let network: NetworkInUse
    var stepper: LSTMStepper
    var lanes = 0
    var rows: [Float] = []
    var outputs: [Float] = []
    var cells: [Float] = []
    var forecasts: [Float] = []
  }

  /// All steps.
  public private(set) var tickets: [Ticket] = []
  /// Whose steps are added.
  private var owner = 0
  private var detector = 0
  private(set) var parts: [Part] = []

  /// Makes a batch without steps.
  public init() {}

  mutating func add(_ network: NetworkInUse, _ input: [Float], _ state: LSTMState, number: Int) {
    var part = parts.firstIndex { $0.network === network }
    if part == nil {
      part = parts.count
      parts.append(Part(network: network, stepper: network.stepper))
    }
    guard let part else { return }
    tickets.append(
      Ticket(
        owner: owner, detector: detector, part: part, lane: parts[part].lanes, number: number))
    parts[part].lanes += 1
    parts[part].rows.append(contentsOf: input)
    parts[part].outputs.append(contentsOf: state.outputs)
    parts[part].cells.append(contentsOf: state.cells)
  }

  /// Asks the detectors of an owner for their steps.
  ///
  /// - Parameter owner: What its tickets will say.
  public mutating func add(_ detectors: [(any Detector)?], owner: Int) {
    self.owner = owner
    for index in detectors.indices {
      detector = index
      detectors[index]?.offerStep(to: &self)
    }
  }

  /// Does the steps.
  public mutating func run() {
    for index in parts.indices where parts[index].lanes > 0 { parts[index].run() }
  }

  /// Forgets all steps, and keeps the memory for others.
  public mutating func removeAll() {
    tickets.removeAll(keepingCapacity: true)
    for index in parts.indices { parts[index].removeAll() }
  }
}

extension StepBatch.Part {
  mutating func run() {
    let shape = stepper.shape
    let units = shape.layers * shape.hidden
    // Out of self while the stepper runs, so that no access overlaps another.
    var (states, memories): ([Float], [Float]) = ([], [])
    swap(&states, &outputs)
    swap(&memories, &cells)
    let rows = rows
    var results = [Float](repeating: 0, count: lanes * shape.headWidth)
    var written = results.mutableSpan
    stepper.step(
      lanes: lanes, rows.span, at: { $0 * units }, outputs: &states, cells: &memories,
      forecasts: &written)
    swap(&states, &outputs)
    swap(&memories, &cells)
    forecasts = results
  }

  mutating func removeAll() {
    lanes = 0
    rows.removeAll(keepingCapacity: true)
    outputs.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
  }
}

/// A network as all detectors of a group run it; it says by itself which steps can be done together.
final class NetworkInUse: Sendable {
  let stepper: LSTMStepper

  init(_ network: LSTMNetwork) { stepper = LSTMStepper(network) }
}
