import Detection
import Features
import Telemetry
import Testing

private func observation(_ features: [Float]) -> Observation {
  Observation(
    time: Timestamp(seconds: 0), channels: features, features: features, isWarm: true)
}

@Suite struct TailWeightsTests {
  @Test func `an input that stays within four deviations in quiet times keeps its weight`() {
    let cells = (0..<1000).map { [Float($0 % 5) - 2, 400 * Float($0 % 2), Float.nan] }
    let weights = TailWeights(fitting: cells.map { $0.map(abs) }, inputs: 3)
    #expect(weights.divisors == [1, 100, 1])
  }

  @Test func `a wild input no longer drowns one that moves for the first time`() {
    var model = DeviationModel(features: ["cart": 2])
    var plain = model.detector(for: "cart")
    #expect(plain?.score(observation([900, 50])) == 900)
    model.tails["cart"] = TailWeights(divisors: [100, 1])
    var weighted = model.detector(for: "cart")
    #expect(weighted?.score(observation([900, 50])) == 50)
    #expect(weighted?.score(observation([.nan, .nan])).isNaN == true)
  }

  @Test func `an unknown service has no detector`() {
    #expect(DeviationModel(features: ["cart": 2]).detector(for: "other") == nil)
  }
}
