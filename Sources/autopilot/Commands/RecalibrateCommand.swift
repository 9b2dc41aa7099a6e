internal import ArgumentParser
internal import DatasetStore
internal import Pipeline
internal import Registry
internal import Storage
internal import Telemetry

struct RecalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recalibrate",
    abstract: "Fix a model's thresholds anew on other data; its weights stay.",
    discussion: """
      Writes an artifact folder that evaluate, gate and publish take. What follows the new calibration \
      is its test time.
      """)

  @Option(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "A dataset snapshot.")
  var dataset: String

  @Option(help: ArgumentHelp("Start of the time to calibrate on.", valueName: "instant"))
  var from: String

  @Option(help: ArgumentHelp("End of the time to calibrate on.", valueName: "instant"))
  var to: String

  @Option(help: "Share of calibration cells that may lie above the boundary; by default as before.")
  var falseAlarmRate: Double?

  @Option(help: "The artifact folder to write.")
  var out: String

  @Flag(help: "Replace an artifact that is there.")
  var replace = false

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let falseAlarmRate, !(1e-6...0.5).contains(falseAlarmRate) {
      throw ValidationError(
        "--false-alarm-rate must be from 0.000001 to 0.5, not \(falseAlarmRate).")
    }
    _ = try range()
  }

  func run() async throws {
    try refuse(output: replace ? nil : out, among: [dataset])
    try Artifact.refuseRegistry(around: out)
    let loaded = try await trust.load(model)
    let data = try DatasetFile.read(dataset)
    let range = try range()
    let (changed, judgement) = try await common.withProgress { progress in
      let changed = try await Recalibration(threads: common.threads, progress: progress)(
        loaded.model, data, calibration: range, falseAlarmRate: falseAlarmRate)
      let judgement = try await JudgementStage(threads: common.threads, progress: progress)(
        changed, data)
      return (changed, judgement)
    }
    let artifact = try ModelArtifact.make(
      changed, judgement, data, onnx: loaded.artifact.files.contains { $0.path.hasPrefix("onnx/") })
    try artifact.write(to: out, replacing: replace)
    let before = digest(loaded.artifact)
    let after = digest(artifact)
    common.print(
      """
      model     \(out)  (sha256:\(artifact.digest.prefix(12)))
      weights   sha256:\(after.prefix(12)), \(before == after ? "as before" : "changed")

      """,
      json: [
        "path": .string(out), "digest": .string(artifact.digest), "weights": .string(after),
        "same_weights": .bool(before == after),
      ])
  }

  private func digest(_ artifact: Artifact) -> String {
    artifact.manifest.files.first { $0.path == "weights.safetensors" }?.sha256 ?? ""
  }

  private func range() throws -> TimeRange {
    func instant(_ text: String, _ option: String) throws -> Timestamp {
      guard let instant = Timestamp(rfc3339: text) else {
        throw ValidationError(
          "--\(option) must be an instant such as 2026-11-23T00:00:00Z, not '\(text)'.")
      }
      return instant
    }
    let (start, end) = (try instant(from, "from"), try instant(to, "to"))
    guard start < end else { throw ValidationError("--from must be before --to.") }
    return TimeRange(start: start, end: end)
  }
}
