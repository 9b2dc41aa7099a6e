import Diagnostics
import Ingest
import Telemetry
import Testing

/// A repeatable source of random numbers (Steele, Lea and Flood, SplitMix, 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

private typealias Sample = (labels: String, time: Double, value: String)

/// Gauges, counters with resets and gaps, and a histogram of three services with two pods each.
private func randomSamples(_ random: inout SplitMix) -> [Sample] {
  var samples: [Sample] = []
  for service in ["cart", "pay", "shop"] {
    for pod in 0..<2 {
      let phase = Double.random(in: 20..<22, using: &random)
      for metric in ["mem", "x_total", "lat_bucket,0.1", "lat_bucket,+Inf", "lat_sum", "lat_count"]
      {
        let parts = metric.split(separator: ",")
        let le = parts.count > 1 ? #","le":"\#(parts[1])""# : ""
        let labels =
          #"{"__name__":"\#(parts[0])","service":"\#(service)","pod":"p\#(pod)"\#(le)}"#
        var total = 0.0
        for step in 0..<60 where Int.random(in: 0..<8, using: &random) > 0 {
          total = Int.random(in: 0..<20, using: &random) == 0 ? 0 : total
          total += Double.random(in: 0..<100, using: &random)
          let jitter = Double(Int.random(in: -200...200, using: &random)) / 1000
          let time = ((phase + Double(step) * 60 + jitter) * 1000).rounded() / 1000
          samples.append((labels, time, "\(total)"))
        }
      }
    }
  }
  return samples
}

private func document(_ samples: [Sample]) -> String {
  var order: [String] = []
  var groups: [String: [(Double, String)]] = [:]
  for sample in samples {
    if groups[sample.labels] == nil { order.append(sample.labels) }
    groups[sample.labels, default: []].append((sample.time, sample.value))
  }
  return matrix(order.map { ($0, groups[$0] ?? []) })
}

@Suite struct IngestPropertyTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `neither the order of samples nor their files matter`(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let samples = randomSamples(&random)
    let shuffled = samples.shuffled(using: &random)
    let half = shuffled.count / 2
    let folder = try TestFolder([
      "plain.json": document(samples), "shuffled.json": document(shuffled),
      "1.json": document(Array(shuffled[..<half])), "2.json": document(Array(shuffled[half...])),
    ])
    let path = folder.path
    let plain = try ingest(.prometheus(path: path + "/plain.json"))
    let mixed = try ingest(.prometheus(path: path + "/shuffled.json"))
    let split = try ingest(
      .prometheus(path: path + "/2.json"), .prometheus(path: path + "/1.json"))
    #expect(plain.grid == mixed.grid && plain.grid == split.grid)
    #expect(plain.services == mixed.services)
    #expect(plain.services == split.services)
    #expect(plain.report.samples == samples.count)
    #expect(plain.report.missingCells == split.report.missingCells)
    #expect(plain.services.map(\.columns.count) == [7, 7, 7])
    // Equal input, equal output, also in the report.
    #expect(try ingest(.prometheus(path: path + "/plain.json")) == plain)
  }

  @Test func `neither the order of log lines nor their files matter`() throws {
    var random = SplitMix(state: 7)
    let lines = (0..<500).map { index in
      let service = ["cart", "shop"][index % 2]
      let text = ["INFO got item \(index)", "WARN slow after \(index) ms", "ERROR lost"][index % 3]
      let time = Timestamp(seconds: 1_767_225_600 + Int64(index * 3))
      return #"{"labels":{"service":"\#(service)"},"line":"\#(text)","timestamp":"\#(time)"}"#
    }
    let shuffled = lines.shuffled(using: &random)
    let text = { (lines: ArraySlice<String>) in lines.map { $0 + "\n" }.joined() }
    let folder = try TestFolder([
      "a/plain.jsonl": text(lines[...]), "b/shuffled.jsonl": text(shuffled[...]),
      "c/1.jsonl": text(lines[250...]), "c/2.jsonl": text(lines[..<250]),
    ])
    let plain = try ingest(.loki(path: folder.path + "/a"))
    #expect(try ingest(.loki(path: folder.path + "/b")).services == plain.services)
    #expect(try ingest(.loki(path: folder.path + "/c")).services == plain.services)
    #expect(plain.services[0].logs?.patterns.count == 3)
  }

  @Test func `progress names each file`() throws {
    let folder = try TestFolder([
      "1.json": matrix([(#"{"__name__":"up"}"#, [(1_767_225_600, "1")])]), "2.json": "[]",
    ])
    let names = Names()
    var configuration = IngestConfiguration(
      interval: .minutes(1), sources: [.prometheus(path: folder.path)])
    configuration.incidents = []
    _ = try ingest(configuration) { names.add($0.detail) }
    #expect(names.all == ["1.json", "2.json", ""])
  }
}
