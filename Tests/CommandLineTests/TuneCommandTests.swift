import Foundation
import Storage
import Testing

@Suite struct TuneCommandTests {
  private let workspace: Workspace

  /// The small system with an incident more before the test, and trials that take a while.
  init() throws {
    workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write(
      "run.yaml", Workspace.configuration.replacing("epochs: 5", with: "epochs: 30"))
    try workspace.write(
      "incidents.csv",
      """
      id,service,kind,start,detected,resolved
      A,cart,cpu_saturation,2026-01-02T01:00:00Z,,2026-01-02T01:50:00Z
      B,cart,cpu_saturation,2026-01-04T03:00:00Z,,2026-01-04T04:00:00Z
      C,pay,traffic,2026-01-03T01:00:00Z,,2026-01-03T02:00:00Z

      """)
    try workspace.write(
      "space.yaml",
      """
      models.isolation_forest.trees: {choice: [10, 20, 40]}
      models.lstm.hidden: {integer: [4, 16]}
      models.lstm.learning_rate: {log_uniform: [1e-4, 1e-2]}
      models.false_alarm_rate: {log_uniform: [0.002, 0.05]}

      """)
  }

  private func tune(_ out: String, _ more: String...) -> [String] {
    ["tune", "run.yaml", "--space", "space.yaml", "--out", out, "--trials", "8", "-q"] + more
  }

  /// Trials that are recorded.
  private func recorded(_ out: String) throws -> [JSONDocument] {
    let listed = try Tool.run(
      ["runs", "list", "--in", out, "--kind", "trial", "--output", "json"], in: workspace.path)
    guard listed.code == 0 else { return [] }
    return try JSONDocument(
      JSONValue(parsing: Array(listed.output.utf8), source: "o"), source: "o"
    ).elements
  }

  @Test(arguments: ["random", "halving"])
  func `a search killed again and again finds the same best configuration`(method: String) throws {
    // Long enough that a busy machine kills trials under way.
    try workspace.write(
      "run.yaml",
      Workspace.configuration.replacing("epochs: 5", with: "epochs: 150, patience: 1000"))
    let clean = try Tool.run(tune("clean", "--method", method), in: workspace.path)
    #expect(clean.code == 0, "\(clean.errors)")
    let total = try recorded("clean").count
    #expect(total == (method == "random" ? 8 : 8 + 3 + 1))
    var (kills, seen) = (0, 0)
    while kills < 4 {
      let process = Tool.process(tune("out", "--method", method), in: workspace.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // Killed while a trial is under way that follows a recorded one.
      while process.isRunning, try recorded("out").count <= seen { usleep(20_000) }
      usleep(UInt32(30_000 * kills))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      guard process.terminationReason == .uncaughtSignal else { break }
      kills += 1
      let now = try recorded("out")
      #expect(now.count >= seen && now.count <= total)
      // What is recorded is recorded whole.
      for run in now { #expect(try !run["metrics"].elements.isEmpty) }
      seen = now.count
    }
    #expect(kills > 0)
    let last = try Tool.run(tune("out", "--method", method), in: workspace.path)
    #expect(last.code == 0, "\(last.errors)")
    for file in ["best.yaml", "trials.csv"] {
      #expect(try workspace.read("out/\(file)") == workspace.read("clean/\(file)"), "\(file)")
    }
    // Every trial once, and the same artifact as without an interruption.
    func artifacts(_ out: String) throws -> [String] {
      try recorded(out).map {
        "\(try $0["trial"]["number"].integer) \(try $0["trial"]["share"].number) "
          + (try $0["artifact"].string)
      }.sorted()
    }
    #expect(try artifacts("out") == artifacts("clean"))
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a search that is stopped says so and goes on`(signal: Int32) throws {
    try workspace.write(
      "run.yaml",
      Workspace.configuration.replacing("epochs: 5", with: "epochs: 300, patience: 1000"))
    let process = Tool.process(tune("out"), in: workspace.path)
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    while process.isRunning, try recorded("out").isEmpty { usleep(20_000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    #expect(process.terminationReason == .exit && process.terminationStatus == 1)
    #expect(text.contains("of 8 trainings; the same command goes on from there"), "\(text)")
    #expect(!workspace.exists("out/best.yaml"))
  }

  @Test func `the best configuration runs from where it lies`() throws {
    let result = try Tool.run(
      tune("deep/out", "--threads", "1", "--output", "json"), in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    let found = try JSONDocument(
      JSONValue(parsing: Array(result.output.utf8), source: "o"), source: "o")
    #expect(try found["trials"].elements.count == 8)
    #expect(try found["incidents"].integer == 1)
    let again = try Tool.run(
      tune("other", "--threads", "2", "--output", "json"), in: workspace.path)
    #expect(again.code == 0)
    #expect(try workspace.read("other/trials.csv") == workspace.read("deep/out/trials.csv"))
    #expect(try workspace.read("other/best.yaml") == workspace.read("deep/out/best.yaml"))
    let run = try Tool.run(
      ["run", "deep/out/best.yaml", "--out", "final", "-q"], in: workspace.path)
    #expect(run.code == 0, "\(run.errors)")
  }

  @Test func `bad input names the place and the fix`() throws {
    func refused(_ arguments: [String]) throws -> String {
      let result = try Tool.run(arguments, in: workspace.path)
      #expect(result.code == 4, "\(result.errors)")
      #expect(!workspace.exists("out/best.yaml"))
      return result.errors
    }
    try workspace.write("wrong.yaml", "models.lstm.hiden: {choice: [8]}\n")
    #expect(
      try refused(["tune", "run.yaml", "--space", "wrong.yaml"]).contains(
        "wrong.yaml:1: unknown key 'models.lstm.hiden' (did you mean 'hidden'?)"))
    #expect(try refused(["tune", "run.yaml", "--space", "none.yaml"]).contains("no such file"))
    try workspace.write(
      "incidents.csv",
      """
      id,service,kind,start,detected,resolved
      B,cart,cpu_saturation,2026-01-04T03:00:00Z,,2026-01-04T04:00:00Z

      """)
    let unlabelled = try refused(tune("out"))
    #expect(unlabelled.contains("no labelled incident of a service in"))
    #expect(unlabelled.contains("label incidents of that time"))
    for wrong in [
      ["--trials", "0"], ["--memory", "much"], ["--budget", "-1"], ["--validation", "1"],
    ] {
      #expect(try Tool.run(tune("out") + wrong, in: workspace.path).code == 64, "\(wrong)")
    }
  }
}
