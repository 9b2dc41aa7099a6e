import Detection
import Features
import Foundation
import Telemetry
import Testing

private func observation(_ features: [Float]) -> Observation {
  Observation(
    time: Timestamp(seconds: 0), channels: features, features: features, isWarm: true)
}

/// ln(1 + deviation).
private func logarithm(_ deviation: Double) -> Float { Float(log1p(deviation)) }

@Suite struct TailWeightsTests {
  @Test func `an input that stays within two deviations in quiet times keeps its weight`() {
    let cells = (0..<1000).map { [Float($0 % 5) - 2, 400 * Float($0 % 2), Float.nan] }
    let weights = TailWeights(fitting: cells.map { $0.map(abs) }, inputs: 3)
    #expect(weights.divisors == [1, 200, 1])
    #expect(weights.compresses)
  }

  @Test func `a wild input no longer drowns one that moves for the first time`() {
    var model = DeviationModel(features: ["cart": 2])
    var plain = model.detector(for: "cart")
    #expect(plain?.score(observation([900, 50])) == 900)
    model.tails["cart"] = TailWeights(divisors: [100, 1], compresses: false)
    var weighted = model.detector(for: "cart")
    #expect(weighted?.score(observation([900, 50])) == 50)
    #expect(weighted?.score(observation([.nan, .nan])).isNaN == true)
  }

  @Test func `what is left out is missing, unless nothing else is there`() {
    var model = DeviationModel(features: ["cart": 2])
    model.leaveOut([true, false], of: "cart")
    var detector = model.detector(for: "cart")
    #expect(detector?.score(observation([900, 50])) == logarithm(50))
    #expect(detector?.score(observation([900, .nan])).isNaN == true)
    model.fit(quiet: [[1, 400], [1, 400]], service: "cart")
    #expect(model.tails["cart"]?.divisors == [.infinity, 200])
    model.leaveOut([true, true], of: "cart")
    var whole = model.detector(for: "cart")
    #expect(whole?.score(observation([900, 50])) == logarithm(900))
  }

  @Test func `many inputs far out count for more than one that is wildly out`() {
    func score(_ features: [Float], compresses: Bool) -> Float? {
      var model = DeviationModel(features: ["cart": 4], least: 4)
      model.tails["cart"] = TailWeights(count: 4, compresses: compresses)
      var detector = model.detector(for: "cart")
      return detector?.score(observation(features))
    }
    let (wild, many): ([Float], [Float]) = ([1000, 0, 0, 0], [20, 20, 20, 20])
    #expect(score(wild, compresses: true) == logarithm(1000) / 4)
    #expect(score(many, compresses: true) == logarithm(20))
    #expect(score(wild, compresses: false) == 250)
    #expect(score(many, compresses: false) == 20)
  }

  @Test func `what inputs add to a score sums to it, compressed or not`() throws {
    for compresses in [true, false] {
      var model = DeviationModel(features: ["cart": 3], least: 2)
      model.tails["cart"] = TailWeights(divisors: [1, 2, 1], compresses: compresses)
      var detector = try #require(model.detector(for: "cart") as? any ChannelExplaining)
      let explanation = detector.explain(observation([3, -8, 0.5]))
      #expect(abs(explanation.contributions.reduce(0, +) - explanation.score) < 1e-6)
      #expect(explanation.contributions[2] == 0)
    }
  }

  @Test func `features of one channel are averaged together`() {
    var detector = DeviationModel(features: ["cart": 4], least: 3).detector(for: "cart")
    #expect(detector?.score(observation([9, 1, 5, 4])) == 6)
    #expect(detector?.score(observation([9, .nan, .nan, 5])) == 7)
  }

  @Test func `no tree sees a state`() {
    let history = ServiceHistory(
      service: "cart", channels: ["cpu", "mode"],
      observations: [observation([1, 2, 3, 4, 5]), observation([6, 7, 8, 9, 10])],
      isFitted: [true, true], isState: [false, true])
    let found = history.withoutStates(features: 2).observations.map(\.features)
    #expect(found == [[1, 2, 0, 0, 5], [6, 7, 0, 0, 10]])
    var all = history
    all.isState = [true, true]
    #expect(all.withoutStates(features: 2).observations[0].features == [1, 2, 3, 4, 5])
  }

  @Test func `an unknown service has no detector`() {
    #expect(DeviationModel(features: ["cart": 2]).detector(for: "other") == nil)
  }
}
