import Features
import LinearAlgebra
import Telemetry
import Testing

private let definition = FeatureDefinition(interval: .minutes(1), windows: [3, 4])

/// A service with one metric whose channel is the value itself.
private let unscaled = ServiceFeatureModel(
  service: "cart", metricColumns: ["cpu"], metricKinds: [.gauge], logs: nil,
  channelScaling: [RobustSummary(median: 0, scale: 1)], featureScaling: [])

private func observations(
  _ values: [Double], model: ServiceFeatureModel = unscaled
) -> [Observation] {
  var extractor = FeatureExtractor(definition: definition, model: model)
  return values.enumerated().map { index, value in
    extractor.push(
      TelemetryRow(
        time: Timestamp(seconds: Int64(index) * 60), metrics: [value], logs: nil))
  }
}

private func value(_ name: String, _ observation: Observation) -> Float {
  let names = definition.featureNames(ofChannel: "cpu")
  return observation.features[names.firstIndex(of: name) ?? -1]
}

@Suite struct FeatureExtractorTests {
  @Test func `window statistics are those of the last cells`() {
    let last = observations([9, 1, 2, 6])[3]
    #expect(value("cpu", last) == 6)
    #expect(value("mean(cpu, 3m)", last) == 3)
    #expect(value("minimum(cpu, 3m)", last) == 1)
    #expect(value("maximum(cpu, 3m)", last) == 6)
    #expect(value("excess(cpu, 3m)", last) == 3)
    // Values 1, 2, 6 at -1, 0, 1: slope 5/2 a cell, 5 from one end to the other.
    #expect(value("trend(cpu, 3m)", last) == 5)
    #expect(value("roughness(cpu, 3m)", last) == 2.5)
    #expect(abs(value("deviation(cpu, 3m)", last) - Float((14.0 / 3).squareRoot())) < 1e-6)
    #expect(value("mean(cpu, 4m)", last) == 4.5)
    #expect(value("maximum(cpu, 4m)", last) == 9)
  }

  @Test func `a feature is missing when less than half of its window is present`() {
    let rows = observations([1, .nan, .nan, 4, .nan, .nan, .nan])
    #expect(value("mean(cpu, 4m)", rows[3]) == 2.5)
    #expect(value("mean(cpu, 4m)", rows[5]).isNaN)
    #expect(value("cpu", rows[5]).isNaN)
    #expect(!rows[5].hasData)
    #expect(rows[3].hasData)
  }

  @Test func `a missing current value leaves the window's level but no excess`() {
    let last = observations([1, 2, 3, .nan])[3]
    #expect(value("mean(cpu, 4m)", last) == 2)
    #expect(value("excess(cpu, 4m)", last).isNaN)
  }

  @Test func `it is warm once the longest window has been filled`() {
    #expect(observations([1, 1, 1, 1, 1]).map(\.isWarm) == [false, false, false, true, true])
  }

  @Test func `no feature changes when the future changes`() {
    var generator = Philox(seed: 3, purpose: "causality")
    for _ in 0..<20 {
      let values = (0..<60).map { _ in
        generator.uniform() < 0.2 ? Double.nan : generator.uniform() * 100 - 50
      }
      let cut = 1 + generator.index(below: 59)
      let changed = values[..<cut] + values[cut...].map { _ in generator.uniform() * 1e6 }
      let original = observations(values)
      let other = observations(Array(changed))
      for row in 0..<cut {
        #expect(
          original[row].features.map(\.bitPattern) == other[row].features.map(\.bitPattern))
      }
    }
  }

  @Test func `history beyond the longest window has no influence`() {
    var generator = Philox(seed: 4, purpose: "forgetting")
    let tail = (0..<20).map { _ in generator.uniform() }
    let long = (0..<500).map { _ in generator.uniform() * 9 } + tail
    let short = Array(long.suffix(20 + 3))
    #expect(
      observations(long).suffix(20).map { $0.features.map(\.bitPattern) }
        == observations(short).suffix(20).map { $0.features.map(\.bitPattern) })
  }

  @Test func `an enormous deviation stays finite`() {
    var model = unscaled
    model.channelScaling = [RobustSummary(median: 0, scale: 1e-6)]
    let last = observations([0, 0, 0, 1e300], model: model)[3]
    #expect(last.features.allSatisfy { $0.isFinite })
    #expect(value("cpu", last) == 1e9)
  }
}
