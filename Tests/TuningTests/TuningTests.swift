import Diagnostics
import Experiments
import IsolationForest
import Pipeline
import Synchronization
import Telemetry
import Testing
import Tuning

@Suite struct TuningTests {
  private func tune(
    _ dataset: Dataset = smallSystem(), in folder: TemporaryFolder, trials: Int = 6,
    threads: Int = 2, space: String = smallSpace, progress: @escaping ProgressSink = { _ in },
    change: (inout TuningPlan) -> Void = { _ in }
  ) async throws -> TuningResult {
    let draft = try ConfigurationDraft(
      readingFile: folder.write("run.yaml", smallConfiguration), environment: [:])
    var plan = TuningPlan()
    (plan.trials, plan.seed) = (trials, 11)
    change(&plan)
    return try await Tuning(
      draft, space: try SearchSpace(parsing: space, file: "space.yaml", environment: [:]),
      plan: plan, store: try RunStore(creatingIn: folder.path), threads: threads,
      stop: StopRequest(), progress: progress)(dataset)
  }

  @Test func `one and three threads find the same, in the same bytes`() async throws {
    let folders = try (0..<2).map { _ in try TemporaryFolder() }
    let one = try await tune(in: folders[0], threads: 1)
    let three = try await tune(in: folders[1], threads: 3)
    #expect(one.together == 1 && three.together == 3)
    #expect(one.csv() == three.csv())
    #expect(one.best.number == three.best.number)
    #expect(one.results.count == 6)
    #expect(Set(one.results.map(\.figures)).count > 1)
  }

  @Test func `values and labels of the test time choose nothing`() async throws {
    let folders = try (0..<2).map { _ in try TemporaryFolder() }
    let one = try await tune(in: folders[0], trials: 4)
    let other = try await tune(
      smallSystem(later: 9, incidents: Array(smallIncidents.prefix(4)) + [1000..<1001]),
      in: folders[1], trials: 4)
    #expect(one.study == other.study)
    #expect(one.csv() == other.csv())
    let best = zip([one, other], folders).map { result, folder in
      result.bestConfiguration.replacing(folder.path, with: "")
    }
    #expect(best[0] == best[1])
  }

  @Test func `trials that are recorded are not trained again, and more can follow`() async throws {
    let folders = try (0..<2).map { _ in try TemporaryFolder() }
    let trained = Mutex(0)
    let count: ProgressSink = { _ in trained.withLock { $0 += 1 } }
    _ = try await tune(in: folders[0], trials: 3, progress: count)
    #expect(trained.withLock { $0 } == 3)
    let more = try await tune(in: folders[0], trials: 6, progress: count)
    #expect(trained.withLock { $0 } == 6)
    #expect(try await tune(in: folders[1], trials: 6).csv() == more.csv())
    // Another objective and another budget rank the same trials.
    let ranked = try await tune(
      in: folders[0], trials: 6, progress: count,
      change: { ($0.objective, $0.budget) = (.eventF1, 0) })
    #expect(trained.withLock { $0 } == 6)
    #expect(ranked.study == more.study)
    // Another seed is another study.
    _ = try await tune(in: folders[0], trials: 1, progress: count, change: { $0.seed = 12 })
    #expect(trained.withLock { $0 } == 7)
  }

  @Test func `halving gives the best third more trees, and all of them in the end`() async throws {
    let folder = try TemporaryFolder()
    let result = try await tune(in: folder, trials: 9, change: { $0.method = .halving })
    let (ninth, third) = (1.0 / 9, 1.0 / 3)
    #expect(result.plan.shares == [ninth, third, 1])
    func numbers(_ share: Double) -> [Int] {
      result.results.filter { $0.share == share }.ranked(result.plan).map(\.number)
    }
    #expect(numbers(ninth).count == 9 && numbers(third).count == 3 && numbers(1).count == 1)
    let promoted = Set(numbers(third))
    #expect(promoted == Set(numbers(ninth).prefix(3)))
    #expect(result.best.share == 1 && promoted.contains(result.best.number))
  }

  @Test func `the best configuration is whole and reads back`() async throws {
    let folder = try TemporaryFolder()
    let result = try await tune(in: folder)
    let file = try folder.write("best.yaml", result.bestConfiguration)
    let best = try PipelineConfiguration(readingFile: file, environment: [:])
    let study = try ConfigurationDraft(readingFile: "\(folder.path)/run.yaml", environment: [:])
    #expect(best.name == "small" && best.seed == 5)
    #expect(best.evaluation.split == (try study.configuration()).evaluation.split)
    for setting in result.best.settings {
      switch setting.key {
      case "models.isolation_forest.trees": #expect(best.models.forest?.trees == Int(setting.value))
      case "models.false_alarm_rate":
        #expect(best.models.falseAlarmRate == Double(setting.value))
      default: break
      }
    }
    #expect(result.bestConfiguration.contains("\(folder.path)/none.json"))
  }

  @Test func `a configuration that cannot be trained is a failed trial, all of them an error`()
    async throws
  {
    let folder = try TemporaryFolder()
    let space = "features.windows: {choice: [[30m, 40h], [1h]]}"
    let result = try await tune(in: folder, space: space)
    let failed = result.results.filter { $0.failure != nil }
    #expect(!failed.isEmpty && failed.count < 6)
    #expect(failed[0].failure?.contains("usable training cell") == true)
    #expect(String(decoding: result.csv(), as: UTF8.self).contains("failed"))
    #expect(result.best.failure == nil)
  }
}

@Suite struct TrialRankTests {
  private func trial(_ number: Int, _ vus: Double?, _ rate: Double) -> TrialResult {
    var metrics = [
      RunMetric(detector: "ensemble", metric: "false_alarms_per_service_day", value: rate),
      RunMetric(detector: "random", metric: "vus_pr", value: 1),
    ]
    if let vus { metrics.append(RunMetric(detector: "ensemble", metric: "vus_pr", value: vus)) }
    return TrialResult(
      number: number, share: 1, settings: [], failure: nil, metrics: metrics, seconds: 0)
  }

  @Test func `trials within the budget come first, then those nearest to it`() {
    let trials = [
      trial(0, 0.9, 3), trial(1, 0.5, 1), trial(2, 0.7, 0), trial(3, 0.95, 2), trial(4, nil, 0),
      trial(5, 0.7, 0.5),
    ]
    #expect(trials.ranked(TuningPlan()).map(\.number) == [2, 5, 1, 3, 0, 4])
    var plan = TuningPlan()
    plan.budget = 3
    #expect(trials.ranked(plan).map(\.number) == [3, 0, 2, 5, 1, 4])
  }

  @Test(arguments: [(1, [1]), (2, [2]), (3, [3, 1]), (9, [9, 3, 1]), (20, [20, 7, 3])])
  func `halving keeps a third at each step`(trials: Int, counts: [Int]) {
    var plan = TuningPlan()
    (plan.trials, plan.method) = (trials, .halving)
    #expect(plan.counts == counts)
    #expect(plan.shares.count == counts.count && plan.shares.last == 1)
    plan.method = .random
    #expect(plan.counts == [trials] && plan.shares == [1])
  }
}
