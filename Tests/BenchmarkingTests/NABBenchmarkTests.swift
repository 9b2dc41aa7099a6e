import Benchmarking
import Foundation
import Ingest
import Testing

private let data =
  (ProcessInfo.processInfo.environment["AUTOPILOT_DATASETS"] ?? "../shared/datasets") + "/nab"
private let isThere = FileManager.default.fileExists(atPath: data + "/data")

@Suite(
  "The Numenta Anomaly Benchmark",
  .enabled(if: isThere, "set AUTOPILOT_DATASETS to a folder with nab"))
struct NABBenchmarkTests {
  @Test("the whole corpus scores what the prototype and the notes of others found")
  func corpus() async throws {
    let parts = try PublishedDataset.nab.parts(in: data)
    let result = try await NABBenchmark(folder: data, threads: 2, progress: { _ in })(parts: parts)
    #expect(result.points == 365_558 && result.windows == 116)
    let rows = Dictionary(uniqueKeysWithValues: result.rows.map { ($0.detector, $0) })
    // The rule that everybody can write, at the threshold that others measured it with.
    #expect(abs(try #require(rows["range_rule"]).profiles[0].fixed - 50.8) < 0.06)
    let ours = try #require(rows["range_novelty"])
    #expect(ours.profiles[0].optimised > 70.5 && ours.profiles[0].fixed > 68.5)
    let null = try #require(rows["null"])
    #expect(null.profiles.allSatisfy { $0.fixed == 0 && $0.optimised == 0 })
    #expect(try #require(rows["random"]).profiles[0].fixed < 10)
  }

  @Test("files have the benchmark's layout, and scores from 0 to 1")
  func files() async throws {
    let part = "realKnownCause/nyc_taxi"
    let result = try await NABBenchmark(folder: data, threads: 1, progress: { _ in })(
      parts: [part])
    let files = Dictionary(uniqueKeysWithValues: result.files().map { ($0.path, $0.bytes) })
    let path = "results/range_novelty/realKnownCause/range_novelty_nyc_taxi.csv"
    let lines = String(decoding: try #require(files[path]), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines[0] == ["timestamp", "value", "anomaly_score", "label"])
    #expect(lines.count == 10_321)
    #expect(lines.dropFirst().allSatisfy { (0...1).contains(Double($0[2]) ?? -1) })
    #expect(lines.dropFirst().count { $0[3] == "1" } == 1035)
    #expect(files["config/thresholds.json"] != nil)
  }
}
