import Evaluation
import Foundation
import Pipeline
import Registry
import Storage
import Telemetry
import Testing

/// Models that older programs wrote stay usable; those of newer ones are refused.
@Suite struct ModelSchemaTests {
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/model-schema-1").path
  private static let champion = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("models/champion").path

  private func files(of artifact: Artifact) -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: artifact.files.map { ($0.path, $0.bytes) })
  }

  /// The fixture's files with another history.
  private func files(_ change: (inout [String: JSONValue]) -> Void) throws -> [String: [UInt8]] {
    var files = files(of: try Artifact.load(directory: Self.fixture))
    let bytes = try #require(files[TrainedModel.pipelineFile])
    guard case .object(var members) = try JSONValue(parsing: bytes, source: "fixture") else {
      Issue.record("no object")
      return files
    }
    change(&members)
    files[TrainedModel.pipelineFile] = Array(JSONValue.object(members).text(indented: true).utf8)
    return files
  }

  @Test(arguments: [fixture, champion])
  func `a kept model is read by its reference and scores its golden sample as it did`(
    folder: String
  ) async throws {
    let (model, artifact) = try await ModelArtifact.load(folder)
    let sample = try artifact.bytes(of: GoldenSample.file)
    let check = try GoldenSample.check(sample, against: model, source: GoldenSample.file)
    #expect(check.scores > 20)
    #expect(check.isEqual, "\(check)")
  }

  @Test func `a model of schema 1 says what it is fed with only once it is loaded`() async throws {
    let (model, artifact) = try await ModelArtifact.load(Self.fixture)
    #expect(artifact.manifest.schema == 1)
    #expect(artifact.manifest.inputs == nil && artifact.manifest.expires == nil)
    #expect(model.expiresAfter == nil && model.expires == nil)
    let inputs = ModelInputs(of: model)
    #expect(inputs.services == ["cart", "pay"] && inputs.interval == .minutes(5))
    #expect(inputs.group(of: "cart")?.metrics.map(\.unit) == ["seconds", nil])
  }

  @Test func `written again it has the newest schema, and every other file stays as it is`()
    async throws
  {
    let (model, old) = try await ModelArtifact.load(Self.fixture)
    let new = try ModelArtifact.make(model, evaluation: nil)
    #expect(new.manifest.schema == 2)
    for file in new.files where file.path != TrainedModel.pipelineFile {
      #expect(try old.bytes(of: file.path) == file.bytes, "\(file.path)")
    }
    let again = try TrainedModel(files: files(of: new), source: "again")
    #expect(again.files() == model.files())
    let inputs = try #require(new.manifest.inputs)
    #expect(
      try ModelInputs(json: JSONDocument(inputs, source: "manifest")) == ModelInputs(of: model))
  }

  @Test func `what the first programs did not say is what they did`() throws {
    let first = try files {
      for member in ["boundary_cells", "baselines"] { $0[member] = nil }
      guard case .object(var rules)? = $0["evaluation"] else { return }
      rules["vus_window"] = nil
      $0["evaluation"] = .object(rules)
    }
    let model = try TrainedModel(files: first, source: "first")
    #expect(model.rules.vusWindow == 24 && model.boundaryCells == 0)
    // Later programs always say it, and are held to that.
    let damaged = try files {
      $0["schema_version"] = 2
      $0["boundary_cells"] = nil
    }
    do {
      _ = try TrainedModel(files: damaged, source: "damaged")
      Issue.record("read")
    } catch {
      #expect("\(error)".contains("damaged/pipeline.json"), "\(error)")
      #expect("\(error)".contains("boundary_cells"), "\(error)")
    }
  }

  @Test func `a model of a newer program is refused with the advice to update`() throws {
    let newer = try files { $0["schema_version"] = 3 }
    #expect(
      throws: RegistryError.newerSchema(path: "newer/pipeline.json", found: 3, supported: 2)
    ) { try TrainedModel(files: newer, source: "newer") }
  }
}

/// What a manifest says of a model's inputs, and of its end.
@Suite struct ModelInputsTests {
  private func model(expiresAfter span: String? = nil) async throws -> TrainedModel {
    var configuration = try smallConfiguration()
    configuration.models.forecast = nil
    configuration.registry.expiresAfter = span.flatMap { TimeSpan($0) }
    return try await Training(configuration: configuration, threads: 1, progress: { _ in })(
      smallSystem(), digest: "digest")
  }

  @Test func `the manifest holds all that is needed to ask for a model's data`() async throws {
    let model = try await model()
    let manifest = try ModelArtifact.make(model, evaluation: nil).manifest
    let stored = try #require(manifest.inputs)
    let inputs = try ModelInputs(json: JSONDocument(stored, source: "manifest"))
    #expect(inputs == ModelInputs(of: model))
    #expect(inputs.interval == .minutes(5))
    #expect(inputs.windows == [.minutes(30), .hours(2)])
    #expect(inputs.lookBack == .minutes(115))
    #expect(inputs.serviceLabels.first == "service")
    // Both services have the same metrics, which are said once.
    #expect(inputs.groups.count == 1 && inputs.services == ["cart", "payment"])
    let group = try #require(inputs.group(of: "payment"))
    #expect(group.metrics.map(\.name) == ["requests", "cpu", "queue"] && group.usesLogs)
    #expect(inputs.group(of: "search") == nil)
    #expect(inputs.missing.windowShare == 0.5)
    #expect(
      inputs.missing.detectors == ["isolation_forest": "median", "robust_deviation": "left_out"])
    let again = try ModelArtifact.make(try await self.model(), evaluation: nil).manifest
    #expect(again.bytes == manifest.bytes)
  }

  @Test(arguments: [
    ("http_requests_total", nil), ("cpu_seconds_total{pod=\"a\"}", "seconds"),
    ("latency_seconds:p99{service=\"a\"}", "seconds"), ("memory_bytes", "bytes"),
    ("request_size_bytes_sum", "bytes"), ("queue", nil), ("cpu.ratio", "ratio"), ("", nil),
    ("seconds_left", nil), ("latency_seconds_count", nil), ("latency_seconds_bucket", nil),
    ("latency_seconds:rate{service=\"a\"}", nil), ("process_created", nil),
  ])
  func `units are those that names state`(name: String, unit: String?) {
    #expect(ModelInputs.Metric(name: name, kind: .gauge).unit == unit)
  }

  @Test func `a model expires so long after the end of its calibration`() async throws {
    let model = try await model(expiresAfter: "30d")
    let end = try #require(model.split.calibration.last?.end)
    #expect(model.expires == end + .days(30))
    let artifact = try ModelArtifact.make(model, evaluation: nil)
    #expect(artifact.manifest.expires == end + .days(30))
    let read = try TrainedModel(files: model.files(), source: "read")
    #expect(read.expires == model.expires)
    // Thresholds that were fixed anew know the system up to then.
    let data = smallSystem()
    let later = TimeRange(
      start: data.grid.timestamp(at: 800), end: data.grid.timestamp(at: 1000))
    let renewed = try await Recalibration(threads: 1, progress: { _ in })(
      model, data, calibration: later, falseAlarmRate: nil)
    #expect(renewed.expires == later.end + .days(30))
  }

  @Test func `the manifest says how the model was made, and how good it is once it was judged`()
    async throws
  {
    let (model, data) = (try await model(), smallSystem())
    let bare = JSONDocument(
      try ModelArtifact.make(model, evaluation: nil).manifest.properties, source: "bare")
    #expect(try bare["dataset"].string == "digest" && bare["seed"].string == "5")
    #expect(try bare["configuration"].string.utf8.count == 64)
    #expect(try bare["toolchain"].string.hasPrefix("Swift 6."))
    #expect(
      try bare["training"].elements.map { try $0["to"].string }
        == model.split.train.map(\.end.description))
    #expect(try bare.optional("metrics") == nil)
    let judgement = try await JudgementStage(threads: 1, progress: { _ in })(model, data)
    let judged = JSONDocument(
      try ModelArtifact.make(model, judgement, data, onnx: false).manifest.properties,
      source: "judged")
    let row = try #require(judgement.result.row(named: "ensemble"))
    #expect(try judged["metrics"]["recall"].number == row.events.recall)
    #expect(try judged["metrics"]["average_precision"].number == row.ranking.averagePrecision)
    #expect(try judged["configuration"].string == bare["configuration"].string)
  }

  @Test func `a configuration's digest is that of what it says, not of how it is written`() throws {
    func digest(_ text: String) throws -> String? {
      try PipelineConfiguration(
        ConfigurationNode(parsing: text, file: "c.yaml", environment: ["RATE": "0.01"]),
        folder: "."
      ).statementsDigest
    }
    let reader = "reader: {interval: 5m, sources: [{type: csv, path: a.csv}]}"
    let one = try digest(
      "name: a\nseed: 5\n\(reader)\nmodels: {false_alarm_rate: 0.01, lstm: {enabled: false}}\n")
    let same = try digest(
      """
      # The same, written otherwise, of another name and other data.
      models:
        lstm: {enabled: false}
        false_alarm_rate: ${RATE}
      reader: {interval: 5m, sources: [{type: csv, path: b.csv}]}
      name: b
      seed: 5
      """)
    #expect(one == same && one != nil)
    let other = try digest(
      "name: a\nseed: 6\n\(reader)\nmodels: {false_alarm_rate: 0.01, lstm: {enabled: false}}\n")
    #expect(other != one)
  }

  @Test func `to recalibrate without the training time is refused before the work`() async throws {
    let model = try await model()
    var late = smallSystem()
    let from = 900
    late.grid = TimeGrid(
      first: late.grid.timestamp(at: from), interval: late.grid.interval,
      count: late.grid.count - from)
    for index in late.services.indices {
      late.services[index].values.removeFirst(from * late.services[index].columns.count)
      late.services[index].logs = nil
    }
    let range = TimeRange(
      start: late.grid.timestamp(at: 10), end: late.grid.timestamp(at: 200))
    let training = try #require(model.split.train.first)
    await #expect(
      throws: PipelineError.withoutTraining(training: training, data: late.grid.range)
    ) {
      try await Recalibration(threads: 1, progress: { event in Issue.record("\(event)") })(
        model, late, calibration: range, falseAlarmRate: nil)
    }
  }
}
