import Evaluation
import Experiments
import Foundation
import Storage
import Telemetry

/// A folder for one test, removed with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/experiments-\(UUID().uuidString)"
    try FileSystem.createDirectories(at: path)
  }

  deinit { try? FileSystem.removeTree(at: path) }

  func write(_ name: String, _ text: String) throws {
    try FileSystem.createDirectories(
      at: (("\(path)/\(name)" as NSString).deletingLastPathComponent))
    try FileSystem.writeFileAtomically(Array(text.utf8), to: "\(path)/\(name)")
  }
}

/// A record of which everything is set.
func sample(
  _ name: String = "shop", artifact: String? = "0123456789abcdef", vus: Double = 0.5,
  started: Int64 = 1_767_225_600
) -> RunRecord {
  var record = RunRecord(
    name: name, kind: .run, started: Timestamp(milliseconds: started * 1000 + 7), wallSeconds: 1.5,
    configuration: "name: \(name)\nseed: 3\n# a text with 'quotes' and ☃\n", datasetDigest: "dada",
    artifactDigest: artifact, seed: .max,
    environment: RunEnvironment(
      toolVersion: "1.2.3", executableDigest: "eeee", system: "Linux, Debian",
      architecture: "arm64",
      processor: "some model", threads: 8))
  record.fitSeconds = ["lstm": 0.1 + 0.2, "isolation_forest": 1e-9]
  record.metrics = [
    RunMetric(
      detector: "ensemble", metric: "vus_pr", value: vus,
      interval: Interval(low: 0.1, high: 1.0 / 3)),
    RunMetric(detector: "ensemble", metric: "false_alarms_per_service_day", value: 1 - vus),
    RunMetric(detector: "null", metric: "vus_pr", value: .infinity),
  ]
  return record
}
