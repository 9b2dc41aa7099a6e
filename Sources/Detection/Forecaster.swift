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
  private var stepper: LSTMStepper
  private let usesCalendar: Bool
  private var state: LSTMState
  /// All that the head forecasts, and where in it the next row is.
  private var forecast: [Float]
  private let next: Int
  private var hasForecast = false

  init(_ stepper: LSTMStepper, usesCalendar: Bool) {
    self.stepper = stepper
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
    let input = Self.input(observation, usesCalendar: usesCalendar)
    let errors = observation.channels.indices.map { channel in
      hasForecast && !observation.channels[channel].isNaN
        ? input[channel] - forecast[next + channel] : Float.nan
    }
    // Out of self while it is written, so that neither access overlaps the other nor copies.
    var written: [Float] = []
    swap(&written, &forecast)
    advance(input, into: &written)
    swap(&written, &forecast)
    hasForecast = true
    return errors
  }

  func remember(in memory: inout DetectorMemory) {
    memory.add(hasForecast ? 1 : 0)
    memory.add(forecast)
    state.remember(in: &memory)
  }

  mutating func recall(from memory: inout DetectorMemory) {
    hasForecast = memory.count(1) == 1
    forecast = memory.floats(stepper.shape.headWidth)
    state = .recalled(stepper.shape, from: &memory)
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
