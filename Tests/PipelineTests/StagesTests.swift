import Evaluation
import Features
import Ingest
import LogTemplates
import Pipeline
import Registry
import Scoring
import Storage
import Telemetry
import Testing

private func judge(
  _ model: TrainedModel, _ dataset: Dataset, threads: Int = 1
) async throws -> Judgement {
  try await JudgementStage(threads: threads, progress: { _ in })(model, dataset)
}

/// The dataset with every value and log line of some cells replaced.
private func changing(_ dataset: Dataset, in cells: Range<Int>) -> Dataset {
  var changed = dataset
  for service in changed.services.indices {
    let width = changed.services[service].columns.count
    for index in cells.lowerBound * width..<cells.upperBound * width {
      changed.services[service].values[index] = Double(index % 7) * 1e4
    }
    guard var logs = changed.services[service].logs else { continue }
    logs.patterns.append(LogPattern(text: "never seen before", level: .error))
    logs.counts = logs.counts.filter { !cells.contains($0.row) }
    logs.counts += cells.map {
      LogActivity.Count(row: $0, pattern: logs.patterns.count - 1, lines: 5 + $0 % 90)
    }
    logs.counts.sort { $0.row < $1.row }
    changed.services[service].logs = logs
  }
  return changed
}

extension TrainedModel {
  /// The digest of each of its files.
  fileprivate var digests: [String: String] {
    files().mapValues { SHA256Digest.hexadecimal(of: $0) }
  }
}

extension Dataset {
  /// The last cell's successor.
  fileprivate var end: Int { grid.count }
}

@Suite struct StagesTests {
  @Test func `a model finds what stands out and beats random scores by far`() async throws {
    let dataset = smallSystem()
    let result = try await judge(train(dataset), dataset).result
    let ours = try #require(result.row(named: ScoringModel.ensembleName))
    let random = try #require(result.row(named: "random"))
    #expect(ours.events.found == 2)
    let precision = try #require(ours.ranking.averagePrecision)
    #expect(precision > 0.5)
    #expect(precision > 5 * (random.ranking.averagePrecision ?? 1))
  }

  @Test func `the same bytes come out of one thread and of three`() async throws {
    let dataset = smallSystem()
    let one = try await train(dataset, threads: 1)
    let three = try await train(dataset, threads: 3)
    #expect(one.digests == three.digests)
    let first = try await judge(one, dataset, threads: 1)
    let second = try await judge(three, dataset, threads: 3)
    #expect(first.result == second.result)
    #expect(first.scores.csv() == second.scores.csv())
  }

  @Test func `another seed gives another model`() async throws {
    let dataset = smallSystem()
    var other = try smallConfiguration()
    other.seed = 6
    let model = try await Training(configuration: other, threads: 1, progress: { _ in })(
      dataset, digest: "digest")
    let usual = try await train(dataset).digests[ScoringModel.weightsFile]
    #expect(usual != model.digests[ScoringModel.weightsFile])
  }

  @Test func `test data has no influence on a model or its thresholds`() async throws {
    let dataset = smallSystem()
    let original = try await train(dataset).digests
    let changed = try await train(changing(dataset, in: 840..<dataset.end)).digests
    #expect(original == changed)
  }

  @Test func `calibration data has no influence on features and weights, only on thresholds`()
    async throws
  {
    let dataset = smallSystem()
    let original = try await train(dataset).digests
    let changed = try await train(changing(dataset, in: 600..<dataset.end)).digests
    for file in [ScoringModel.featuresFile, ScoringModel.weightsFile] {
      #expect(original[file] == changed[file], "\(file)")
    }
    #expect(original[ScoringModel.calibrationFile] != changed[ScoringModel.calibrationFile])
  }

  @Test func `labels of the test time move no threshold and no score`() async throws {
    let dataset = smallSystem()
    var relabelled = dataset
    relabelled.incidents = dataset.incidents.map { incident in
      var moved = incident
      if incident.start > dataset.grid.timestamp(at: 840) {
        moved.start = incident.start - .hours(3)
        moved.resolved = incident.resolved - .hours(3)
      }
      return moved
    }
    let (first, second) = (try await train(dataset), try await train(relabelled))
    #expect(first.digests == second.digests)
    let scores = try await judge(first, dataset).scores
    let others = try await judge(second, relabelled).scores
    #expect(scores.csv() == others.csv())
  }

  @Test func `values within a known incident of the fitting time have no influence on a model`()
    async throws
  {
    let dataset = smallSystem()
    var changed = dataset
    for (service, cells) in [(0, 102..<112), (1, 702..<712)] {
      for row in cells { changed.services[service].values[row * 3 + 2] = 1e6 }
    }
    let original = try await train(dataset).digests
    let model = try await train(changed).digests
    #expect(original == model)
  }

  @Test func `an incident right after the calibration time moves no threshold`() async throws {
    let dataset = smallSystem()
    var labelled = dataset
    // The margin around it reaches into the calibration time; its label does not.
    labelled.incidents.append(
      Incident(
        id: "soon", service: "cart", kind: "outage", start: dataset.grid.timestamp(at: 842),
        resolved: dataset.grid.timestamp(at: 850)))
    let original = try await train(dataset).digests
    let model = try await train(labelled).digests
    #expect(original == model)
  }

  @Test func `test time before the training time has no influence on a model`() async throws {
    let dataset = smallSystem()
    var configuration = try smallConfiguration()
    let grid = dataset.grid
    func range(_ cells: Range<Int>) -> TimeRange {
      TimeRange(
        start: grid.timestamp(at: cells.lowerBound), end: grid.timestamp(at: cells.upperBound))
    }
    configuration.evaluation.split = .ranges(
      train: [range(400..<900)], calibration: [range(900..<1190)], test: [range(0..<400)])
    let training = Training(configuration: configuration, threads: 1, progress: { _ in })
    var changed = changing(dataset, in: 0..<399)
    changed.incidents.removeAll { $0.resolved < grid.timestamp(at: 399) }
    let original = try await training(dataset, digest: "digest")
    let model = try await training(changed, digest: "digest")
    #expect(original.digests == model.digests)
  }

  @Test func `later data changes no earlier score`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    let stage = ScoreStage(threads: 1, progress: { _ in })
    let before = try await stage(model, dataset)
    let after = try await stage(model, changing(dataset, in: 1000..<dataset.end))
    for (a, b) in zip(before.scores, after.scores) {
      for (x, y) in zip(a, b) {
        #expect(x[..<1000].map(\.bitPattern) == y[..<1000].map(\.bitPattern))
      }
    }
  }

  @Test func `a model read from its artifact scores the same, bit for bit`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset)
    let judgement = try await judge(model, dataset)
    let artifact = try ModelArtifact.make(model, evaluation: judgement.result)
    let files = Dictionary(uniqueKeysWithValues: artifact.files.map { ($0.path, $0.bytes) })
    let read = try TrainedModel(files: files, source: "artifact")
    #expect(read.digests == model.digests)
    let table = try await ScoreStage(threads: 2, progress: { _ in })(read.scoring, dataset)
    #expect(table.csv() == judgement.scores.csv())
  }

  @Test func `masks of one's own are part of the artifact, and exports to score are masked alike`()
    async throws
  {
    var configuration = try smallConfiguration()
    configuration.models.forecast = nil
    let plain = try await Training(configuration: configuration, threads: 1, progress: { _ in })(
      smallSystem(), digest: "digest")
    #expect(!String(decoding: plain.files()["features.json"] ?? [], as: UTF8.self).contains("mask"))
    configuration.reader.logMasks = try LogMaskRules(
      named: [.init(name: "order", expression: "ORD-[A-Z]+")])
    let model = try await Training(configuration: configuration, threads: 1, progress: { _ in })(
      smallSystem(), digest: "digest")
    let read = try TrainedModel(files: model.files(), source: "artifact")
    let reader = try exportsReader(
      interval: .minutes(5), prometheus: [], loki: ["logs.jsonl"], csv: [], incidents: [],
      model: read)
    #expect(reader.logMasks == configuration.reader.logMasks)
    let logs = read.scoring.features.services.compactMap { $0.logs?.dictionary.rules }
    #expect(logs == [reader.logMasks, reader.logMasks])
    #expect(read.files() == model.files())
  }

  @Test func `an artifact with a file that lies is refused by name`() async throws {
    let files = try await train(smallSystem()).files()
    for name in files.keys.sorted() {
      var damaged = files
      damaged[name] = Array("{\"version\": 1}".utf8)
      #expect(message { try TrainedModel(files: damaged, source: "a") }.contains(name))
      damaged[name] = nil
      #expect(message { try TrainedModel(files: damaged, source: "a") }.contains(name))
    }
  }

  @Test func `services and columns that do not fit are counted, not guessed`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    var other = dataset
    other.services[0].service = "unknown"
    other.services[1].columns[0].name = "renamed"
    let table = try await ScoreStage(threads: 1, progress: { _ in })(model, other)
    #expect(table.services == ["payment"])
    #expect(table.unknownServices == ["unknown"])
    #expect(table.absentServices == ["cart"])
    #expect(table.absentColumns == ["payment/requests"])
    other.services.remove(at: 1)
    await #expect(throws: ScoringError.self) {
      try await ScoreStage(threads: 1, progress: { _ in })(model, other)
    }
  }

  @Test func `a service without most of its metrics is neither scored nor judged`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset)
    var thin = dataset
    thin.services[1].columns[0].name = "renamed"
    thin.services[1].columns[1].name = "renamed too"
    let judgement = try await judge(model, thin)
    #expect(judgement.scores.services == ["cart"])
    #expect(judgement.scores.absentServices == ["payment"])
    #expect(
      judgement.caveats.contains { $0.contains("1 service of the model without enough data") })
  }

  @Test func `a service that only lacks its logs is scored, and the logs are named`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    var silent = dataset
    for index in silent.services.indices { silent.services[index].logs = nil }
    let table = try await ScoreStage(threads: 1, progress: { _ in })(model, silent)
    #expect(table.services == ["cart", "payment"])
    #expect(table.absentColumns == ["cart/logs", "payment/logs"])
  }

  @Test func `a gauge that was a counter in training is refused by name`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    var other = dataset
    other.services[0].columns[0].kind = .counter
    await #expect(
      throws: ScoringError.otherKind(
        column: "cart/requests", expected: "gauge", found: "counter")
    ) {
      try await ScoreStage(threads: 1, progress: { _ in })(model, other)
    }
  }

  @Test func `data on another grid is refused with the interval it needs`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    var other = dataset
    other.grid.interval = .minutes(1)
    await #expect(throws: FeatureError.intervalMismatch(expected: "5m", found: "1m")) {
      try await ScoreStage(threads: 1, progress: { _ in })(model, other)
    }
  }

  @Test func `a service without usable training cells is left out and listed`() async throws {
    var dataset = smallSystem()
    dataset.incidents.append(
      Incident(
        id: "all", service: "payment", kind: "outage", start: Timestamp(seconds: 0),
        resolved: Timestamp(seconds: 300 * 610)))
    let model = try await train(dataset)
    #expect(model.scoring.services == ["cart"])
    #expect(model.dropped.map(\.service) == ["payment"])
    let judgement = try await judge(model, dataset)
    #expect(judgement.scores.services == ["cart"])
    #expect(judgement.scores.unknownServices == ["payment"])
  }

  @Test func `no usable training cell at all is an error that says what a cell needs`()
    async throws
  {
    var dataset = smallSystem()
    dataset.incidents.append(
      Incident(
        id: "all", service: nil, kind: "outage", start: Timestamp(seconds: 0),
        resolved: Timestamp(seconds: 300 * 610)))
    await #expect(throws: PipelineError.nothingToTrain(services: 2, lookBack: .hours(2))) {
      try await train(dataset)
    }
    dataset.report.note(
      IngestReport.emptyTimeReason, .changed, in: "grid", count: 9, example: "a far sample")
    await #expect(
      throws: PipelineError.nothingToTrain(
        services: 2, lookBack: .hours(2), hint: "a far sample")
    ) {
      try await train(dataset)
    }
  }

  @Test func `a window the grid cannot hold is refused with both lengths`() async throws {
    var configuration = try smallConfiguration()
    configuration.features.windows = [.minutes(7)]
    let training = Training(configuration: configuration, threads: 1, progress: { _ in })
    await #expect(throws: FeatureError.unusableWindow(window: "7m", interval: "5m")) {
      try await training(smallSystem(), digest: "digest")
    }
  }
}

private func message(_ body: () throws -> TrainedModel) -> String {
  do {
    _ = try body()
    return "accepted"
  } catch {
    return "\(error)"
  }
}
