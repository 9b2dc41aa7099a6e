import Companions
import Foundation
import Ingest
import Telemetry
import Testing

/// Blocks of a database that promtool made, and what it dumps of them.
@Suite(
  .enabled(
    if: program("promtool") != nil, "needs promtool; scripts/setup-components.sh installs it"))
struct PromtoolDumpTests {
  /// A minute's steps of a gauge with a gap and rare values, of a counter with a reset, and of a
  /// histogram, of two services.
  private static func openMetrics(steps: Int) -> String {
    var random = SplitMix(state: 11)
    var text = "# TYPE queue gauge\n"
    let times = (0..<steps).map { step -> Double in
      let start: Double = 1_767_225_600
      return start + Double(60 * step) + Double(step % 7) / 1000
    }
    let rare = ["1e-09", "123456789.25", "-0.1", "5e+22", "1e+07", "NaN", "+Inf"]
    for service in ["cart", "pay"] {
      for (index, time) in times.enumerated() where !(100..<130).contains(index) {
        let value =
          index < rare.count ? rare[index] : "\(Double.random(in: -1e6..<1e6, using: &random))"
        text += "queue{service=\"\(service)\",path=\"q\\\"\\n\\\\ }é\"} \(value) \(time)\n"
      }
    }
    text += "# TYPE requests counter\n"
    for (index, time) in times.enumerated() {
      text += "requests_total{service=\"cart\"} \(index % 170 * 3) \(time)\n"
    }
    text += "# TYPE lat histogram\n"
    for le in ["0.1", "1.0", "+Inf"] {
      for (index, time) in times.enumerated() {
        let share = le == "0.1" ? 1 : le == "1.0" ? 3 : 4
        text += "lat_bucket{service=\"pay\",le=\"\(le)\"} \(index * share) \(time)\n"
      }
    }
    for (index, time) in times.enumerated() {
      text += "lat_count{service=\"pay\"} \(index * 4) \(time)\n"
    }
    for (index, time) in times.enumerated() {
      text += "lat_sum{service=\"pay\"} \(Double(index) * 1.5) \(time)\n"
    }
    return text + "# EOF\n"
  }

  private func ingested(_ path: String) throws -> Dataset {
    try ingest(
      IngestConfiguration(interval: .minutes(1), sources: [.openMetrics(path: path)]))
  }

  @Test(arguments: ["dump", "dump-openmetrics"])
  func `what promtool dumps of a database reads like what went in`(_ command: String) async throws {
    let promtool = try #require(program("promtool"))
    let help = try await run(promtool, ["tsdb", command, "--help"])
    guard help.code == 0 else {
      // Older versions have `dump` alone.
      #expect(command == "dump-openmetrics")
      return
    }
    let folder = try TestFolder()
    let steps = 600
    let text = try folder.write("in.om", Self.openMetrics(steps: steps))
    let database = "\(folder.path)/db"
    let blocks = try await run(
      promtool, ["tsdb", "create-blocks-from", "openmetrics", text, database])
    try #require(blocks.code == 0, "\(blocks.errors)")
    // A dump asks for the log that a running server has beside its blocks.
    try FileManager.default.createDirectory(
      atPath: "\(database)/wal", withIntermediateDirectories: true)
    let dumped = try await run(promtool, ["tsdb", command, database])
    try #require(dumped.code == 0, "\(dumped.errors)")
    let original = try ingested(text)
    let data = try ingested(try folder.write("dump.om", dumped.output))
    #expect(original.report.samples == 2 * (steps - 30) + 6 * steps)
    #expect(data.report.samples == original.report.samples)
    #expect(data.report.skipped == original.report.skipped && data.report.skipped == 2)
    #expect(data.grid == original.grid)
    #expect(data.services.map(\.service) == ["cart", "pay"])
    for (a, b) in zip(original.services, data.services) {
      #expect(a.columns == b.columns)
      #expect(a.values.count == b.values.count)
      #expect(zip(a.values, b.values).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    }
    let names = data.services[1].columns.map(\.name)
    #expect(names.contains("lat:p99") && names.contains("lat:mean"))
  }

  @Test func `the command line reads a dump`() async throws {
    let folder = try TestFolder()
    let path = try folder.write("in.om", Self.openMetrics(steps: 200))
    let result = try await run(
      tool,
      ["ingest", "--openmetrics", path, "--out", "\(folder.path)/datasets", "--output", "json"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\"samples\": \(2 * 170 + 6 * 200)"))
  }
}
