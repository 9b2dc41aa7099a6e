import Telemetry
import Testing

import LiveTelemetry

private func router(columns: [String], series: Int) -> SeriesRouter {
  var limits = LiveLimits()
  limits.series = series
  return SeriesRouter(
    LiveSchema(
      services: [.init(name: "a", columns: columns, readsLogs: false)], interval: .minutes(1),
      serviceLabels: ["service"], history: 1), limits: limits)
}

private func labels(_ metric: String, _ others: [String: String] = [:]) -> [String: String] {
  others.merging(["__name__": metric, "service": "a"]) { own, _ in own }
}

@Suite struct SeriesRouterTests {
  @Test func `a series is wanted for a column of its own and for those of its histogram`() {
    let router = router(
      columns: ["level", "time_seconds:p50", "calls_total{code=\"5\"}"], series: 100)
    for _ in 1...2 {
      #expect(router.wants(labels("level")))
      #expect(router.wants(labels("level", ["pod": "a-1"])))
      #expect(router.wants(labels("time_seconds_bucket", ["le": "0.5"])))
      #expect(router.wants(labels("calls_total", ["code": "5"])))
      #expect(!router.wants(labels("calls_total", ["code": "2"])))
      #expect(!router.wants(labels("level", ["service": "b"])))
      #expect(!router.wants(labels("other")))
      #expect(!router.wants(["service": "a"]))
    }
  }

  @Test func `series of unknown metrics cost no memory`() {
    let router = router(columns: ["level"], series: 100)
    for number in 0..<50_000 {
      #expect(!router.wants(labels("metric_\(number % 500)", ["id": "\(number)"])))
    }
    #expect(router.remembered == 0)
  }

  @Test func `an explosion of the labels of a known metric costs bounded memory`() {
    let router = router(columns: ["level"], series: 100)
    for number in 0..<25_000 {
      // No column of the model.
      #expect(!router.wants(labels("level", ["user": "\(number)"])))
      // Copies of a column.
      #expect(router.wants(labels("level", ["pod": "a-\(number)"])))
      guard router.remembered > 10_100 else { continue }
      Issue.record("\(router.remembered) label sets are remembered after \(number)")
      return
    }
    #expect(router.wants(labels("level")))
  }
}
