import Features
import LinearAlgebra
import Telemetry
import Testing

/// The unscaled features of one row of a service, by name.
private func features(
  _ metrics: [String: Double], at time: Timestamp = Timestamp(seconds: 0)
) -> [String: Float] {
  let definition = FeatureDefinition(
    interval: .minutes(1), windows: [2],
    selected: FeatureSet.full.features(windows: [2]).filter { $0.feature.scope == .service })
  let columns = metrics.keys.sorted()
  let model = ServiceFeatureModel(
    service: "cart", metricColumns: columns, metricKinds: columns.map { _ in .gauge }, logs: nil,
    channelScaling: columns.map { _ in RobustSummary(median: 0, scale: 1) }, featureScaling: [])
  var extractor = FeatureExtractor(definition: definition, model: model)
  let row = TelemetryRow(time: time, metrics: columns.map { metrics[$0] ?? .nan }, logs: nil)
  let names = FeatureModel(definition: definition, services: [model]).featureNames(of: model)
  return Dictionary(uniqueKeysWithValues: zip(names, extractor.push(row).features))
}

@Suite struct ServiceFeaturesTests {
  @Test func `a column is compared with the mean of its siblings that are present`() {
    let found = features([
      "busy{core=\"0\"}": 6, "busy{core=\"1\"}": 2, "busy{core=\"2\"}": 4,
      "busy{core=\"3\"}": .nan, "alone": 1,
    ])
    #expect(found["sibling_ratio(busy{core=\"0\"})"] == 2)
    #expect(found["sibling_ratio(busy{core=\"1\"})"] == 0.4)
    #expect(found["sibling_ratio(busy{core=\"3\"})"]?.isNaN == true)
    #expect(found["sibling_ratio(alone)"] == nil)
  }

  @Test func `siblings at 0 give no ratio`() {
    let found = features(["a{x=\"1\"}": 3, "a{x=\"2\"}": 0])
    #expect(found["sibling_ratio(a{x=\"1\"})"]?.isNaN == true)
    #expect(found["sibling_ratio(a{x=\"2\"})"] == 0)
  }

  @Test func `the error ratio counts 5xx against all answers that have a code`() {
    var metrics = [
      "requests_total{code=\"200\"}": 6.0, "requests_total{code=\"404\"}": 1,
      "requests_total{code=\"500\"}": 1, "requests_total{code=\"503\",path=\"/a,b=\\\"c\\\"\"}": 2,
      "requests_total": 100,
    ]
    #expect(features(metrics)["error_ratio(requests_total)"] == 0.3)
    metrics["requests_total{code=\"500\"}"] = .nan
    #expect(features(metrics)["error_ratio(requests_total)"] == Float(2.0 / 9))
    for key in metrics.keys { metrics[key] = 0 }
    #expect(features(metrics)["error_ratio(requests_total)"]?.isNaN == true)
  }

  @Test func `a metric of errors is divided by the one of requests`() {
    let found = features([
      "http_errors_total": 1, "http_requests_total": 8, "job_runs_failed_total": 3,
      "job_runs_total": 4, "lonely_errors_total": 5,
    ])
    #expect(found["error_ratio(http_errors_total)"] == 0.125)
    #expect(found["error_ratio(job_runs_failed_total)"] == 0.75)
    #expect(found["error_ratio(lonely_errors_total)"] == nil)
  }

  @Test func `no two features share a name`() {
    let found = features([
      "http_errors_total": 1, "http_errors_total{code=\"500\"}": 1,
      "http_errors_total{code=\"404\"}": 3, "http_requests_total": 8,
    ])
    #expect(found["error_ratio(http_errors_total)"] == 0.25)
  }

  @Test func `saturation is a metric over its limit of the same labels`() {
    let found = features([
      "process_open_fds": 256, "process_max_fds": 1024, "jvm_memory_used{area=\"heap\"}": 3,
      "jvm_memory_max{area=\"heap\"}": 4, "jvm_memory_used{area=\"other\"}": 3,
      "latency_seconds": 1, "latency_seconds_max": 9, "pool_active": 1, "pool_limit": 0,
    ])
    #expect(found["saturation(process_open_fds)"] == 0.25)
    #expect(found["saturation(jvm_memory_used{area=\"heap\"})"] == 0.75)
    #expect(found["saturation(pool_active)"]?.isNaN == true)
    #expect(found.keys.count { $0.hasPrefix("saturation") } == 3)
  }

  @Test func `the calendar turns once a day and once a week`() {
    let noon = features([:], at: Timestamp(seconds: 43_200))
    #expect(abs((noon["day_cosine"] ?? 0) + 1) < 1e-6 && abs(noon["day_sine"] ?? 1) < 1e-6)
    let week = features([:], at: Timestamp(seconds: 43_200 + 604_800))
    for (name, value) in noon { #expect(abs(value - (week[name] ?? 9)) < 1e-6, "\(name)") }
    #expect(noon["week_sine"] != 0)
  }
}
