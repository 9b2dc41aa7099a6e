internal import Features
internal import LinearAlgebra

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Scores a service by the errors of a forecaster, whichever it is.
struct ForecastDetector: DeviationCombining, ChannelExplaining {
  /// Usual errors on either side of a forecast within which a value is expected.
  private static let expectedSpan = 2.0

  private var source: any ErrorSource
  private var reader: ErrorReader

  init(source: any ErrorSource, reader: ErrorReader) {
    (self.source, self.reader) = (source, reader)
  }

  let explained = ExplainedInputs.channels

  mutating func score(_ observation: Observation) -> Float {
    reader.score(source.errors(observation))
  }

  mutating func deviations(_ observation: Observation) -> [Float] {
    reader.deviations(source.errors(observation))
  }

  func remember(in memory: inout DetectorMemory) {
    source.remember(in: &memory)
    reader.remember(in: &memory)
  }

  mutating func recall(from memory: inout DetectorMemory) {
    source.recall(from: &memory)
    reader.recall(from: &memory)
  }

  func offerStep(to batch: inout StepBatch) { source.offerStep(to: &batch) }

  mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch) {
    source.takeStep(ticket, from: batch)
  }

  mutating func explain(_ observation: Observation) -> InputExplanation {
    let errors = source.errors(observation)
    let read = reader.read(errors)
    let expected = errors.indices.map { channel -> ClosedRange<Double>? in
      guard !errors[channel].isNaN else { return nil }
      let value = Double(asinhf(observation.channels[channel]))
      let usual = reader.usual[channel]
      let centre = value - Double(errors[channel]) + usual.median
      let span = Self.expectedSpan * usual.scale
      return sinh(centre - span)...sinh(centre + span)
    }
    return InputExplanation(
      score: read.score, contributions: read.contributions, expected: expected)
  }
}
