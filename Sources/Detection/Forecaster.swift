internal import Features
internal import LSTM
internal import Telemetry

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Runs a network along a service's observations and compares each with what was foretold.
struct Forecaster: ErrorSource {
  private let network: NetworkInUse
  private var stepper: LSTMStepper
  private let usesCalendar: Bool
  private var state: LSTMState
  /// All that the head forecasts, and where in it the next row is.
  private var forecast: [Float]
  private let next: Int
  private var hasForecast = false
  /// The input of a step that was put off; empty for none.
  private var waiting: [Float] = []
  /// Steps so far, the one that was put off included.
  private var steps = 0

  init(_ network: NetworkInUse, usesCalendar: Bool) {
    self.network = network
    stepper = network.stepper
    self.usesCalendar = usesCalendar
    state = LSTMState(for: stepper.shape)
    forecast = Array(repeating: 0, count: stepper.shape.headWidth)
    next = stepper.shape.pointRange().lowerBound
  }

  /// Takes the next observation.
  ///
  /// - Returns: Per channel, value less forecast in asinh units; NaN where the value is missing or
  ///   there was no forecast yet.
  mutating func errors(_ observation: Observation) -> [Float] {
    catchUp()
    let input = Self.input(observation, usesCalendar: usesCalendar)
    let errors = observation.channels.indices.map { channel in
      hasForecast && !observation.channels[channel].isNaN
        ? input[channel] - forecast[next + channel] : Float.nan
    }
    waiting = input
    steps += 1
    hasForecast = true
    return errors
  }

  func remember(in memory: inout DetectorMemory) {
    var current = self
    current.catchUp()
    memory.add(hasForecast ? 1 : 0)
    memory.add(current.forecast)
    current.state.remember(in: &memory)
  }

  mutating func recall(from memory: inout DetectorMemory) {
    hasForecast = memory.count(1) == 1
    forecast = memory.floats(stepper.shape.headWidth)
    state = .recalled(stepper.shape, from: &memory)
    waiting = []
  }

  func offerStep(to batch: inout StepBatch) {
    if !waiting.isEmpty { batch.add(network, waiting, state, number: steps) }
  }

  mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch) {
    // Whoever brought a row meanwhile has done it.
    guard !waiting.isEmpty, ticket.number == steps else { return }
    waiting = []
    let units = stepper.shape.layers * stepper.shape.hidden
    let width = forecast.count
    for index in 0..<width {
      forecast[index] = batch.parts[ticket.part].forecasts[ticket.lane * width + index]
    }
    state.replace(
      outputs: batch.parts[ticket.part].outputs, cells: batch.parts[ticket.part].cells,
      at: ticket.lane * units)
  }

  /// Does the step that was put off.
  private mutating func catchUp() {
    guard !waiting.isEmpty else { return }
    // Out of self while it is written, so that neither access overlaps the other nor copies.
    var written: [Float] = []
    swap(&written, &forecast)
    advance(waiting, into: &written)
    swap(&written, &forecast)
    waiting = []
  }

  private mutating func advance(_ input: [Float], into output: inout [Float]) {
    var span = output.mutableSpan
    stepper.step(input.span, state: &state, forecast: &span)
  }

  /// The network's input for an observation: [channels], then the calendar.
  static func input(_ observation: Observation, usesCalendar: Bool) -> [Float] {
    var input = observation.channels.map { $0.isNaN ? 0 : asinhf($0) }
    if usesCalendar {
      for period in [86_400.0, 604_800.0] {
        let angle = 2 * Double.pi * observation.time.seconds / period
        input.append(Float(sin(angle)))
        input.append(Float(cos(angle)))
      }
    }
    return input
  }
}
