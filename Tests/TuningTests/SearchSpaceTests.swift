import Diagnostics
import Pipeline
import Testing
import Tuning

@Suite struct SearchSpaceTests {
  private let folder: TemporaryFolder
  private let draft: ConfigurationDraft

  init() throws {
    folder = try TemporaryFolder()
    draft = try ConfigurationDraft(
      readingFile: folder.write("run.yaml", smallConfiguration), environment: [:])
  }

  private func space(_ text: String) throws -> SearchSpace {
    try SearchSpace(parsing: text, file: "space.yaml", environment: [:])
  }

  private func refusal(_ text: String) -> String {
    do {
      try space(text).check(against: draft)
      return "nothing"
    } catch let error as any DiagnosedError {
      #expect(error.kind == .invalidInput)
      return error.description
    } catch {
      return "\(error)"
    }
  }

  @Test func `every value lies in its domain, and all of a choice come`() throws {
    let space = try space(smallSpace)
    var seen: [String: Set<String>] = [:]
    for trial in 1...200 {
      for setting in space.settings(trial: trial, seed: 3) {
        seen[setting.key, default: []].insert(setting.value)
      }
    }
    #expect(seen["models.isolation_forest.trees"] == ["10", "20", "40"])
    #expect(seen["features.windows"] == ["[30m, 1h]", "[30m, 2h]"])
    let subsamples = try #require(seen["models.isolation_forest.subsample"]).compactMap { Int($0) }
    #expect(subsamples.allSatisfy { (16...128).contains($0) } && subsamples.count > 80)
    let rates = try #require(seen["models.false_alarm_rate"]).compactMap { Double($0) }
    #expect(rates.allSatisfy { (0.001...0.05).contains($0) })
    // Half of the orders of magnitude lie below the geometric mean.
    let low = rates.count { $0 < 0.00707 }
    #expect((70...130).contains(low), "\(low)")
  }

  @Test func `a value depends on the seed, the key and the trial's number alone`() throws {
    let (whole, single) = (
      try space(smallSpace), try space("models.false_alarm_rate: {log_uniform: [0.001, 0.05]}")
    )
    for trial in 1...20 {
      let expected = single.settings(trial: trial, seed: 7)
      #expect(whole.settings(trial: trial, seed: 7).contains(expected[0]))
      #expect(single.settings(trial: trial, seed: 8) != expected)
      #expect(single.settings(trial: trial + 1, seed: 7) != expected)
    }
    #expect(whole.settings(trial: 0, seed: 7).isEmpty)
  }

  @Test func `what the configuration does not know names the space's line`() {
    #expect(
      refusal(
        "models.false_alarm_rate: {choice: [0.1]}\nmodels.isolation_forest.tree: {choice: [5]}"
      )
      .hasPrefix(
        "space.yaml:2: unknown key 'models.isolation_forest.tree' (did you mean 'trees'?)"))
    #expect(
      refusal("models.isolation_forest.trees: {choice: [10, 0]}")
        == "space.yaml:1: models.isolation_forest.trees: found '0', expected a whole number from 1 "
        + "to 10000")
    #expect(
      refusal("models.isolation_forest.trees: {uniform: [10, 50]}").contains("space.yaml:1:"))
    #expect(refusal("models.lstm.hidden: {integer: [0, 64]}").contains("models.lstm.hidden"))
    #expect(refusal("features.windows: {choice: [[1h, 30m]]}").contains("space.yaml:1:"))
    // What it breaks elsewhere is told at the line of what broke it.
    #expect(
      refusal(
        "\nmodels.isolation_forest.enabled: {choice: [false]}\n"
          + "models.isolation_forest.candidates: {choice: [3]}"
      ).contains("space.yaml:3:"))
  }

  @Test func `data, split, rules and time budgets are not searched over`() {
    for key in ["reader.interval", "evaluation.renotify", "seed", "models.lstm.max_duration"] {
      #expect(
        refusal("\(key): {choice: [1h]}").contains("space.yaml:1: '\(key)' cannot be searched"))
    }
    #expect(
      refusal("models.lstm: {choice: [{hidden: 8}]}\nmodels.lstm.hidden: {choice: [8]}")
        .contains("space.yaml:2: 'models.lstm.hidden' and 'models.lstm' set the same place"))
  }

  @Test(arguments: [
    "{}", "models.false_alarm_rate: 0.1", "models.false_alarm_rate: {choice: []}",
    "models.false_alarm_rate: {choice: [0.1, 0.1]}",
    "models.false_alarm_rate: {uniform: [0.2, 0.1]}", "models.false_alarm_rate: {uniform: [0.1]}",
    "models.false_alarm_rate: {log_uniform: [0, 0.1]}",
    "models.false_alarm_rate: {uniform: [0.1, 0.2], choice: [1]}",
    "models.false_alarm_rate: {normal: [0.1, 0.2]}",
    "models.isolation_forest.trees: {integer: [5, 5]}",
  ])
  func `a domain that is none is refused with its line`(text: String) {
    #expect(refusal(text).hasPrefix("space.yaml:1:"), "\(refusal(text))")
  }
}
