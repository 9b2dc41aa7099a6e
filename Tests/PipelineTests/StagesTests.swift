import Evaluation
import Features
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

/// The dataset with every value after a cell replaced.
private func changing(_ dataset: Dataset, after cell: Int) -> Dataset {
  var changed = dataset
  for service in changed.services.indices {
    let width = changed.services[service].columns.count
    for index in (cell * width)..<changed.services[service].values.count {
      changed.services[service].values[index] = Double(index % 7) * 1e4
    }
  }
  return changed
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
    #expect(one.files() == three.files())
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
    let usual = try await train(dataset).files()[ScoringModel.weightsFile]
    #expect(usual != model.files()[ScoringModel.weightsFile])
  }

  @Test func `test data has no influence on a model or its thresholds`() async throws {
    let dataset = smallSystem()
    let original = try await train(dataset).files()
    let changed = try await train(changing(dataset, after: 840)).files()
    #expect(original == changed)
  }

  @Test func `calibration data has no influence on features and weights, only on thresholds`()
    async throws
  {
    let dataset = smallSystem()
    let original = try await train(dataset).files()
    let changed = try await train(changing(dataset, after: 600)).files()
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
    #expect(first.files() == second.files())
    let scores = try await judge(first, dataset).scores
    let others = try await judge(second, relabelled).scores
    #expect(scores.csv() == others.csv())
  }

  @Test func `an incident in training time is not trained on`() async throws {
    let dataset = smallSystem()
    var changed = dataset
    // Only what lies within the known incident of cells 101 to 112 of the first service.
    for row in 102..<112 { changed.services[0].values[row * 3 + 2] = 1e6 }
    let original = try await train(dataset)
    let model = try await train(changed)
    // The wild values pass through later windows, but into no cell that scaling is fitted on alone.
    #expect(
      original.scoring.features.services[0].channelScaling
        == model.scoring.features.services[0].channelScaling)
    #expect(original.scoring.features.services[1] == model.scoring.features.services[1])
  }

  @Test func `later data changes no earlier score`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    let stage = ScoreStage(threads: 1, progress: { _ in })
    let before = try await stage(model, dataset)
    let after = try await stage(model, changing(dataset, after: 1000))
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
    #expect(read.files() == model.files())
    let table = try await ScoreStage(threads: 2, progress: { _ in })(read.scoring, dataset)
    #expect(table.csv() == judgement.scores.csv())
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

  @Test func `data on another grid is refused with the interval it needs`() async throws {
    let dataset = smallSystem()
    let model = try await train(dataset).scoring
    var other = dataset
    other.grid.interval = .minutes(1)
    await #expect(throws: FeatureError.intervalMismatch(expected: "5m", found: "1m")) {
      try await ScoreStage(threads: 1, progress: { _ in })(model, other)
    }
  }

  @Test func `an empty training window is an error that names the service`() async throws {
    var dataset = smallSystem()
    dataset.incidents.append(
      Incident(
        id: "all", service: "payment", kind: "outage", start: Timestamp(seconds: 0),
        resolved: Timestamp(seconds: 300 * 610)))
    await #expect(throws: PipelineError.nothingToTrain(service: "payment")) {
      try await train(dataset)
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
