import Features
import Ingest
import IsolationForest
import LSTM
import LogTemplates
import Pipeline
import Scoring
import Telemetry
import Testing

private let minimal = """
  name: shop
  reader:
    sources:
      - {type: prometheus, path: metrics.json}
  """

private func configuration(
  _ text: String, environment: [String: String] = [:]
) throws -> PipelineConfiguration {
  try PipelineConfiguration(
    ConfigurationNode(parsing: text, file: "run.yaml", environment: environment), folder: "conf")
}

private func message(_ text: String, environment: [String: String] = [:]) -> String {
  do {
    _ = try configuration(text, environment: environment)
    return "accepted"
  } catch {
    return "\(error)"
  }
}

@Suite struct ConfigurationTests {
  @Test func `a minimal configuration has documented defaults`() throws {
    let read = try configuration(minimal)
    #expect(read.name == "shop")
    #expect(read.seed == 0)
    #expect(read.reader.interval == .minutes(1))
    #expect(read.reader.sources == [.prometheus(path: "conf/metrics.json")])
    #expect(read.features.windows == [.minutes(6), .minutes(36)])
    #expect(read.models.forest?.trees == 100)
    #expect(read.models.forecast?.network.hidden == 32)
    #expect(read.models.falseAlarmRate == 0.001)
    #expect(read.evaluation.split == .fractions(train: 0.5, calibration: 0.2))
    #expect(read.registry.alias == "champion")
  }

  @Test func `a registry may be an address, and paths of keys start at the file`() throws {
    let registry = try configuration(
      minimal + "\nregistry: {path: 's3://models/team', sign_key: keys/release}"
    ).registry
    #expect(registry.path == "s3://models/team")
    #expect(registry.signKey == "conf/keys/release")
    #expect(registry.trust == nil)
    #expect(try configuration(minimal + "\nregistry: {path: reg}").registry.path == "conf/reg")
    #expect(
      message(minimal + "\nregistry: {trust: {keys: [absent.pub]}}")
        .contains("conf/absent.pub"))
    #expect(message(minimal + "\nregistry: {trust: {key: a}}").contains("registry.trust.key"))
    #expect(
      message(minimal + "\nregistry: {trust: {keys: []}}").contains("run.yaml:5: trusts no key"))
  }

  @Test func `the instants that telemetry may have are configuration`() throws {
    let read = try configuration(
      minimal + "\n  earliest: 1969-01-01T00:00:00Z\n  latest: 1980-01-01T00:00:00Z")
    #expect(read.reader.limits.earliest == Timestamp(rfc3339: "1969-01-01T00:00:00Z"))
    #expect(read.reader.limits.latest == Timestamp(rfc3339: "1980-01-01T00:00:00Z"))
    let defaults = try configuration(minimal).reader.limits
    #expect(defaults.earliest == Timestamp(rfc3339: "1990-01-01T00:00:00Z"))
    #expect(defaults.latest == Timestamp(rfc3339: "2100-01-01T00:00:00Z"))
    #expect(
      message(minimal + "\n  latest: 1989-01-01T00:00:00Z")
        .hasSuffix("expected reader.earliest before reader.latest"))
  }

  @Test func `a part of a public dataset is a source`() throws {
    let source = { (dataset: String) in
      "name: n\nreader:\n  sources: [{type: published, dataset: \(dataset), path: d, part: omi-1}]\n"
    }
    let read = try configuration(source("asd"))
    #expect(
      read.reader.sources == [
        .published(PublishedSource(dataset: .asd, path: "conf/d", part: "omi-1"))
      ])
    #expect(message(source("asb")).contains("expected one of asd, cloud-monitoring"))
  }

  @Test func `what may be lost is configuration`() throws {
    #expect(try configuration(minimal).reader.defectBudget == .standard)
    let share = try configuration(minimal + "\n  defect_budget: 1%").reader.defectBudget
    #expect(share == DefectBudget(total: .share(0.01)))
    let reasons = try configuration(
      minimal + "\n  defect_budget: {total: none, bad_time: 0, not_finite: 2%}"
    ).reader.defectBudget
    #expect(
      reasons == DefectBudget(reasons: ["bad_time": .count(0), "not_finite": .share(0.02)]))
    #expect(
      message(minimal + "\n  defect_budget: {bad_time: few}")
        .contains("expected a share such as 1%, a number of items, or none"))
  }

  @Test func `a table's columns, units, clock and delimiter are configuration`() throws {
    let source = { (rest: String) in
      "name: n\nreader:\n  sources: [{path: t.csv, \(rest)}]\n"
    }
    let read = try configuration(
      source(
        "type: csv, delimiter: tab, time_zone: Europe/Berlin, time_format: '%d.%m.%Y %H:%M', "
          + "rename: {a: b}, units: {a: ms}, columns: {labels: [host], ignore: [note]}"))
    guard case .csv(let table) = read.reader.sources[0] else {
      Issue.record("no table")
      return
    }
    #expect(table.delimiter == 0x09 && table.timeZone.name == "Europe/Berlin")
    #expect(table.timePattern?.text == "%d.%m.%Y %H:%M" && table.names == ["a": "b"])
    #expect(table.units["a"]?.convert(1) == 0.001 && table.values == .numbers)
    #expect(table.columns.labels == ["host"] && table.columns.ignored == ["note"])
    let panel = try configuration(source("type: grafana_csv"))
    #expect(panel.reader.sources == [.csv(.grafana(path: "conf/t.csv"))])
    for (text, expected) in [
      ("type: csv, units: {a: parsec}", "a unit such as ms, MiB or % for 'a'"),
      ("type: csv, time_zone: CET", "a place such as Europe/Berlin"),
      ("type: csv, delimiter: ab", "a single character"),
      ("type: csv, time_format: '%H:%M'", "no day"),
      ("type: csv, time_format: '%d.%m. %H:%M'", "a pattern with a year"),
    ] {
      #expect(message(source(text)).contains(expected), "\(text)")
    }
  }

  @Test func `windows may be counted in cells`() throws {
    let read = try configuration(
      minimal + "\nfeatures: {windows: [2 cells, 5m, 50 cells]}\nevaluation: {vus_window: 7}\n")
    #expect(read.features.windows == [.minutes(2), .minutes(5), .minutes(50)])
    #expect(read.evaluation.rules.vusWindow == 7)
    for text in ["1 cells", "100001 cells", "x cells"] {
      #expect(
        message(minimal + "\nfeatures: {windows: [\(text)]}\n").contains(
          "from 2 to 100000 cells"), "\(text)")
    }
  }

  @Test func `exposition text is a source`() throws {
    let source = "name: n\nreader:\n  sources: [{type: openmetrics, path: a.om, time: "
    let read = try configuration(source + "'2026-01-01T00:00:00Z'}]\n")
    #expect(
      read.reader.sources == [
        .openMetrics(path: "conf/a.om", time: Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
      ])
  }

  @Test func `an unknown key is an error with its line and a guess`() {
    #expect(
      message(minimal + "\nfeatures:\n  windws: [5m]\n")
        == "run.yaml:6: unknown key 'features.windws' (did you mean 'windows'?); known here: "
        + "windows, set, add, tracked_templates, logs, minimum_coverage, daily_course")
    #expect(message("nme: x").hasPrefix("run.yaml:1: unknown key 'nme' (did you mean 'name'?)"))
  }

  @Test(arguments: [
    ("name: [", "run.yaml:2:1: invalid YAML"),
    ("", "run.yaml:1:1: invalid YAML: the document is empty"),
    ("name: a\nname: b", "invalid YAML: key 'name' appears twice"),
    ("- 1", "run.yaml:1: document: found 'a list', expected a mapping"),
    ("name: shop", "run.yaml:1: key 'reader' is missing"),
    (minimal + "\nseed: -1", "run.yaml:5: seed: found '-1', expected a whole number"),
    (
      minimal + "\nfeatures: {windows: [90s]}",
      "run.yaml:5: features.windows[0]: found '90s', expected a duration such as 30s, 5m or 2h, "
        + "at least 2m"
    ),
    (
      minimal + "\n  log_masks: [{name: order, expression: 'ORD-['}]",
      "run.yaml:5: reader.log_masks[0].expression: found 'ORD-[', expected another: log mask 'order'"
    ),
    (
      minimal + "\n  log_masks: [{name: order 1, expression: x}]",
      "run.yaml:5: reader.log_masks[0].expression: found 'x', expected another: log mask 'order 1'"
    ),
    (
      minimal + "\n  log_masks: {order: ORD}",
      "reader.log_masks: found 'a mapping', expected a list"
    ),
    (minimal + "\nfeatures: {windows: [150s]}", "expected a multiple of reader.interval (1m)"),
    (minimal + "\nfeatures: {windows: [1h, 5m]}", "expected at least one window, in ascending"),
    (minimal + "\nmodels: {lstm: {layers: 9}}", "models.lstm.layers: found '9'"),
    (
      minimal + "\nevaluation: {split: {fractions: {train: 0.7, calibration: 0.3}}}",
      "leave a share"
    ),
    (
      minimal + "\nmodels: {isolation_forest: {enabled: false}, lstm: {enabled: false}, "
        + "robust_deviation: {enabled: false}}", "at least one model that is enabled"
    ),
  ])
  func `a wrong value is an error with its line, its key and what is expected`(
    text: String, expected: String
  ) {
    #expect(message(text).contains(expected), "\(message(text))")
  }

  @Test func `masks of one's own for log lines are configuration`() throws {
    let read = try configuration(
      minimal + "\n  log_masks:\n    - {name: order, expression: 'ORD-[A-Z]{2,}'}\n")
    #expect(
      read.reader.logMasks
        == (try LogMaskRules(named: [.init(name: "order", expression: "ORD-[A-Z]{2,}")])))
    #expect(try configuration(minimal).reader.logMasks == LogMaskRules())
  }

  @Test func `features are a set and what is added to it by name`() throws {
    let read = try configuration(
      minimal + """

        features:
          windows: [5m, 1h]
          set: listed
          add: [ewma, missing, {name: quantile_95, windows: [10m]}, {name: lag, windows: [1m]}]
        """)
    #expect(read.features.set == .listed)
    #expect(read.features.added.map { $0.feature } == [.ewma, .missing, .quantile95, .lag])
    #expect(read.features.added.map { $0.windows } == [nil, nil, [.minutes(10)], [.minutes(1)]])
    #expect(try configuration(minimal).features.set == .default)
  }

  @Test(arguments: [
    (
      "add: [ewma, quantil_95]",
      "run.yaml:5: features.add[1]: found 'quantil_95', expected a feature of the catalogue (did you "
        + "mean 'quantile_95'?); 'autopilot features list' shows them all"
    ),
    (
      "add: [{name: men, windows: [1h]}]",
      "run.yaml:5: features.add[0].name: found 'men', expected a feature of the catalogue (did you "
        + "mean 'mean'?)"
    ),
    ("set: everything", "features.set: found 'everything', expected one of default, full, listed"),
    ("add: [{name: missing, windows: [1h]}]", "expected no windows: missing has none"),
    ("add: [{name: mean, windows: [1m]}]", "features.add[0].windows[0]: found '1m', expected a"),
    ("add: [{name: mean, window: 1h}]", "unknown key 'features.add[0].window' (did you mean"),
  ])
  func `a feature that does not exist or does not fit is an error with its line`(
    section: String, expected: String
  ) {
    let found = message(minimal + "\nfeatures: {\(section)}")
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `overlapping ranges are refused`() {
    let text = """

      evaluation:
        split:
          train: [{from: 2026-01-01T00:00:00Z, to: 2026-01-03T00:00:00Z}]
          calibration: [{from: 2026-01-02T00:00:00Z, to: 2026-01-04T00:00:00Z}]
          test: [{from: 2026-01-05T00:00:00Z, to: 2026-01-06T00:00:00Z}]
      """
    #expect(message(minimal + text).contains("ranges without overlap"))
  }

  @Test func `values take the environment, with a default, and fail without either`() throws {
    let text = minimal.replacing("metrics.json", with: "\"${DATA:-here}/${NAME}.json\"")
    #expect(
      try configuration(text, environment: ["NAME": "x"]).reader.sources
        == [.prometheus(path: "conf/here/x.json")])
    #expect(
      try configuration(text, environment: ["NAME": "x", "DATA": "/abs"]).reader.sources
        == [.prometheus(path: "/abs/x.json")])
    #expect(
      message(text)
        == "run.yaml:4: environment variable NAME is not set; set it or write ${NAME:-default}")
  }
}

@Suite struct ForestConfigurationTests {
  private func forest(_ section: String) throws -> IsolationForestConfiguration? {
    try configuration(minimal + "\nmodels: {isolation_forest: \(section)}").models.forest
  }

  @Test func `every option of the forest is configuration`() throws {
    let read = try forest(
      "{trees: 50, subsample: 128, depth_limit: 9, feature_share: 0.5, extension_level: 2, "
        + "split: pooled_gain, candidates: 4, missing: majority, early_stopping: 0.01}")
    let expected = IsolationForestConfiguration(
      trees: 50, subsample: 128, maxFeatures: 0.5, depthLimit: 9, extensionLevel: 2,
      split: .pooledGain(candidates: 4), missing: .majority,
      earlyStopping: EarlyStopping(tolerance: 0.01))
    #expect(read == expected)
    #expect(try forest("{split: averaged_gain}")?.split == .averagedGain(candidates: 10))
    #expect(try forest("{missing: both}")?.missing == .both)
    #expect(try forest("{missing: median}") == IsolationForestConfiguration())
  }

  @Test(arguments: [
    ("{split: best}", "split: found 'best', expected one of random, averaged_gain, pooled_gain"),
    ("{candidates: 5}", "expected no candidates beside split: random"),
    ("{missing: both, extension_level: 1}", "expected median or majority beside extension_level"),
    ("{depth_limit: 0}", "expected a whole number from 1"),
    ("{early_stopping: 1}", "expected a number from"),
    ("{feature_share: 0}", "expected a number from"),
  ])
  func `a wrong option says what is expected`(section: String, expected: String) {
    let text = message(minimal + "\nmodels: {isolation_forest: \(section)}")
    #expect(text.contains(expected), "\(text)")
  }

  @Test func `thresholds have three methods`() throws {
    func boundary(_ section: String) throws -> BoundaryRule {
      try configuration(minimal + "\nmodels: \(section)").models.boundary
    }
    #expect(try boundary("{false_alarm_rate: 0.01}") == .quantile(exceedance: 0.01))
    #expect(
      try boundary("{threshold: {method: tail}}") == .tail(exceedance: 0.001, start: 0.98))
    #expect(
      try boundary("{threshold: {method: tail, start: 0.9}, false_alarm_rate: 0.0001}")
        == .tail(exceedance: 0.0001, start: 0.9))
    #expect(
      try boundary("{threshold: {method: contamination, share: 0.05}}")
        == .contamination(share: 0.05))
  }

  @Test(arguments: [
    ("{threshold: {method: guess}}", "expected one of quantile, contamination, tail"),
    ("{threshold: {share: 0.1}}", "key 'models.threshold.method' is missing"),
    ("{threshold: {method: contamination}}", "key 'models.threshold.share' is missing"),
    ("{threshold: {method: tail, share: 0.1}}", "no share beside a method other than"),
    ("{threshold: {method: quantile, start: 0.9}}", "no start beside a method other than tail"),
    ("{threshold: {method: tail}, false_alarm_rate: 0.05}", "a tail that starts below"),
  ])
  func `a wrong threshold says what is expected`(section: String, expected: String) {
    let text = message(minimal + "\nmodels: \(section)")
    #expect(text.contains(expected), "\(text)")
  }
}
