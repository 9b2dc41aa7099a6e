import Foundation
import Storage
import Testing

@Suite struct RetrainCommandTests {
  /// A workspace whose exports hold nine days, with incidents that are spread over all of them.
  private func prepared() throws -> Workspace {
    let workspace = try Workspace()
    var csv = "time,requests{service=\"cart\"},cpu{service=\"cart\"},requests{service=\"pay\"}\n"
    var incidents = "id,service,kind,start,detected,resolved\n"
    var state: UInt64 = 9
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    let start = 1_767_225_600
    for row in 0...288 * 9 {
      let unwell = (row % 96) >= 90 && row % 96 < 95
      let wave = abs(Double(row % 288) / 144 - 1) * 20
      csv +=
        "\(start + row * 300),\(30 + wave + noise()),"
        + "\(wave / 2 + noise() + (unwell ? 50 : 0)),\(5 + noise())\n"
      if row % 96 == 90, row + 5 < 288 * 9 {
        func instant(_ row: Int) -> String {
          Date(timeIntervalSince1970: Double(start + row * 300)).ISO8601Format()
        }
        incidents += "I\(row),cart,cpu,\(instant(row - 1)),,\(instant(row + 4))\n"
      }
    }
    try workspace.write("metrics.csv", csv)
    try workspace.write("incidents.csv", incidents)
    try workspace.write(
      "run.yaml",
      """
      name: small
      seed: 3
      reader:
        interval: 5m
        sources: [{type: csv, path: metrics.csv}]
        incidents: [{path: incidents.csv}]
      features: {windows: [30m]}
      models:
        isolation_forest: {trees: 20, subsample: 64}
        lstm: {enabled: false}
        false_alarm_rate: 0.01
      evaluation: {split: {fractions: {train: 0.4, calibration: 0.2}}}
      """)
    try workspace.write(
      "gate.yaml", "minimum_incidents: 2\nfloors: {recall: 0.2}\ntolerances: {recall: 0.5}\n")
    return workspace
  }

  private func arguments(_ now: String, _ more: String...) -> [String] {
    ["retrain", "run.yaml", "--policy", "gate.yaml", "--now", now, "-q"] + more
  }

  private func champion(_ workspace: Workspace) throws -> Int {
    let bytes = Array(try workspace.read("out/registry/small/aliases/champion.json"))
    let document = JSONDocument(try JSONValue(parsing: bytes, source: "alias"), source: "alias")
    return try document["version"].integer
  }

  @Test
  func `a first model is promoted, a second run has nothing to do, missed days are caught up`()
    throws
  {
    let workspace = try prepared()
    let first = try Tool.run(
      arguments("2026-01-06T03:00:00Z", "--metrics-file", "job.prom"), in: workspace.path)
    #expect(first.code == 0, "\(first.output)\(first.errors)")
    #expect(first.output.contains("2026-01-06T00:00:00Z  version 1  promoted, before it none"))
    let metrics = String(decoding: try workspace.read("job.prom"), as: UTF8.self)
    #expect(metrics.contains("autopilotops_retrain_champion_version{model=\"small\"} 1.0\n"))
    #expect(metrics.contains("outcome=\"promoted\"} 1.0\n"))
    let again = try Tool.run(arguments("2026-01-06T09:00:00Z"), in: workspace.path)
    #expect(again.code == 0)
    #expect(again.output.contains("nothing is due"))
    let later = try Tool.run(arguments("2026-01-09T01:00:00Z"), in: workspace.path)
    #expect(
      later.output.contains("2026-01-07T00:00:00Z  version 2"), "\(later.output)\(later.errors)")
    #expect(later.output.contains("2026-01-09T00:00:00Z  version 4"))
    #expect(workspace.exists("out/registry/small/aliases/challenger.json"))
  }

  @Test func `a worse model is published but the champion stays, with the gate's exit code`() throws
  {
    let workspace = try prepared()
    #expect(try Tool.run(arguments("2026-01-07T01:00:00Z"), in: workspace.path).code == 0)
    // The new policy asks for more than there can be.
    try workspace.write("gate.yaml", "minimum_incidents: 2\nfloors: {precision: 1.5}\n")
    let worse = try Tool.run(arguments("2026-01-08T01:00:00Z"), in: workspace.path)
    #expect(worse.code == 2, "\(worse.output)\(worse.errors)")
    #expect(worse.output.contains("version 2  regression, before it version 1"))
    #expect(try champion(workspace) == 1)
    #expect(workspace.exists("out/registry/small/2/manifest.json"))
  }

  @Test func `data that ends before the day is an error, and the day stays due`() throws {
    let workspace = try prepared()
    let early = try Tool.run(arguments("2026-01-20T01:00:00Z"), in: workspace.path)
    #expect(early.code == 4)
    #expect(early.errors.contains("the data ends at 2026-01-10T00:00:00Z"))
    #expect(!workspace.exists("out/retrain.json"))
    #expect(try Tool.run(arguments("2026-01-10T01:00:00Z"), in: workspace.path).code == 0)
  }

  @Test func `a job killed at any moment and started again ends where an undisturbed one does`()
    throws
  {
    let workspace = try prepared()
    let whole = try Tool.run(
      arguments("2026-01-07T01:00:00Z", "--out", "whole"), in: workspace.path)
    #expect(whole.code == 0)
    for attempt in 0..<12 {
      let process = Tool.process(arguments("2026-01-07T01:00:00Z"), in: workspace.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(20_000 + attempt * 60_000))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try Tool.run(arguments("2026-01-07T01:00:00Z"), in: workspace.path)
    #expect(last.code == 0, "\(last.errors)")
    let files = workspace.files(under: "whole").filter { !$0.hasPrefix(".retrain") }
    #expect(workspace.files(under: "out").filter { !$0.hasPrefix(".retrain") } == files)
    for file in files where !file.hasSuffix("retrain.json") {
      // The gate's report names the models by their paths.
      func content(_ folder: String) throws -> String {
        String(decoding: try workspace.read("\(folder)/\(file)"), as: UTF8.self)
          .replacing("\(folder)/registry", with: "registry")
      }
      #expect(try content("out") == content("whole"), "\(file)")
    }
  }
}
