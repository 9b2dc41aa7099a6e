internal import ArgumentParser
internal import Experiments
internal import Ingest
internal import Pipeline
internal import Storage
internal import Tuning

struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Search for a better configuration on the time before the test.",
    discussion: """
      Trials are trained on the first part of the time that the configuration trains and calibrates \
      on, and judged on the incidents of its last part; nothing of the test time is looked at. Each \
      trial is recorded in runs.sqlite as soon as it ends, and the same command goes on from there. \
      Writes best.yaml, for 'autopilot run', and trials.csv.
      """)

  @Argument(help: "The configuration file, which is the first trial as it is.")
  var configuration: String

  @Option(help: "What may change: a YAML file of keys and their values, see docs/experiments.md.")
  var space: String

  @Option(help: "Folder for best.yaml, trials.csv and the record of trials.")
  var out = "out"

  @Option(help: ArgumentHelp("Configurations to try.", valueName: "count"))
  var trials = 20

  @Option(help: "random, or halving: few epochs and trees for all, more for the best.")
  var method = TuningMethod.random

  @Option(help: "vus_pr, average_precision or event_f1 of the ensemble.")
  var objective = TuningObjective.vusPR

  @Option(help: "False alarms per service and day; trials with more rank behind.")
  var budget = 1.0

  @Option(help: "The part of the time before the test that trials are judged on.")
  var validation = 0.4

  @Option(help: "Memory for trials under way at once, such as 4GiB.")
  var memory = "4GiB"

  @Option(help: "Start of what is drawn; by default the configuration's seed.")
  var seed: UInt64?

  @OptionGroup var budgetOfDefects: DefectBudgetOptions
  @OptionGroup var mirror: MirrorOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...100_000).contains(trials) else {
      throw ValidationError("--trials must be from 1 to 100000, not \(trials).")
    }
    guard budget >= 0, budget.isFinite else {
      throw ValidationError("--budget must be at least 0, not \(budget).")
    }
    guard (0.05...0.9).contains(validation) else {
      throw ValidationError("--validation must be from 0.05 to 0.9, not \(validation).")
    }
    guard let bytes = memoryBytes, bytes >= 1 << 20 else {
      throw ValidationError("--memory must be a size such as 4GiB or 512MiB, not '\(memory)'.")
    }
  }

  private var memoryBytes: Int? {
    for (unit, shift) in [("MiB", 20), ("GiB", 30)] where memory.hasSuffix(unit) {
      guard let count = Int(memory.dropLast(unit.count)), (1...1 << 20).contains(count) else {
        return nil
      }
      return count << shift
    }
    return nil
  }

  func run() async throws {
    try refuse(output: out)
    let environment = processEnvironment()
    let draft = try ConfigurationDraft(readingFile: configuration, environment: environment)
    let space = try SearchSpace(readingFile: self.space, environment: environment)
    try space.check(against: draft)
    var pipeline = try draft.configuration()
    pipeline.reader.defectBudget = try budgetOfDefects.applied(to: pipeline.reader.defectBudget)
    var plan = TuningPlan()
    (plan.trials, plan.method, plan.objective) = (trials, method, objective)
    (plan.budget, plan.validation) = (budget, validation)
    plan.memory = memoryBytes ?? plan.memory
    plan.seed = seed ?? pipeline.seed

    let area = try StagingArea(root: out)
    defer { area.close() }
    let files = ["\(out)/\(TuningResult.bestFile)", "\(out)/\(TuningResult.trialsFile)"]
    for file in files { try refuse(output: file, among: [configuration, self.space]) }
    // A search without its record could not go on.
    let store = try RunStore(creatingIn: out)
    let stop = StopRequest()
    let signals = SignalWatch { stop.make() }
    defer { signals.end() }
    let result = try await common.withProgress { [pipeline, plan] progress in
      let dataset = try keepingReport(in: out) {
        try ingest(pipeline.reader, progress: progress)
      }
      return try await Tuning(
        draft, space: space, plan: plan, store: store, threads: common.threads, stop: stop,
        progress: progress)(dataset)
    }
    try FileSystem.writeFileAtomically(Array(result.bestConfiguration.utf8), to: files[0])
    try FileSystem.writeFileAtomically(result.csv(), to: files[1])
    for warning in result.warnings { writeError("autopilot: warning: \(warning)") }
    var study = RunQuery()
    (study.study, study.isReversed) = (result.study, true)
    await mirror.mirror((try? store.runs(study)) ?? [], common: common)
    if result.estimatedMemory > plan.memory {
      writeError(
        "autopilot: warning: a trial takes about \(size(result.estimatedMemory)), more than "
          + "--memory \(memory); trials ran one at a time")
    }
    common.print(
      result.text + """
        best      trial \(result.best.number), \(files[0])
        trials    \(files[1])
        next      autopilot run \(files[0])

        """, json: result.json())
  }
}
