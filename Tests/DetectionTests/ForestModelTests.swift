import Detection
import Diagnostics
import Features
import IsolationForest
import Telemetry
import Testing

@Suite struct ForestModelTests {
  /// Cells five minutes apart.
  private func history(_ rows: [[Float]], isFitted: [Bool]) -> ServiceHistory {
    ServiceHistory(
      service: "cart", channels: ["cpu"],
      observations: rows.enumerated().map { index, features in
        Observation(
          time: Timestamp(seconds: Int64(300 * (index + 1))), channels: [1], features: features,
          isWarm: true)
      }, isFitted: isFitted)
  }

  private func growth(_ history: ServiceHistory) throws -> IsolationForestGrowth? {
    try ForestModel.growth(
      history, features: ["cpu_mean", "cpu_p95"],
      configuration: IsolationForestConfiguration(trees: 5), seed: 1)
  }

  @Test(arguments: [Float.infinity, -.infinity])
  func `an infinite training feature is named with its service and time`(value: Float) {
    // The first cell is not fitted on: its place among fitted rows is not that among cells.
    let history = history(
      [[value, 1], [1, 2], [.nan, 3], [2, value]], isFitted: [false, true, true, true])
    let expected = DetectionError.infiniteFeature(
      service: "cart", feature: "cpu_p95", time: Timestamp(seconds: 1_200), value: "\(value)")
    #expect(throws: expected) { try growth(history) }
    #expect(expected.kind == .invalidInput)
    #expect(
      expected.description.hasPrefix(
        "isolation forest of cart: cpu_p95 is \(value) in the training cell at "
          + "1970-01-01T00:20:00Z;"))
  }

  @Test func `missing features, and infinite ones that are not fitted on, are no error`() throws {
    let history = history([[.infinity, 1], [1, .nan], [2, 3]], isFitted: [false, true, true])
    #expect(try growth(history) != nil)
  }
}
