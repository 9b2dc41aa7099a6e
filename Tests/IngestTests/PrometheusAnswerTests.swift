import Ingest
import Storage
import Testing

#if canImport(CJSONOracle)
  import CJSONOracle
#endif

@Suite struct PrometheusAnswerTests {
  @Test(arguments: AnswerSeeds.all)
  func `an answer is the same wherever it is cut`(_ text: String) {
    let expected = readWhole(Array(text.utf8))
    for window in 1...200 {
      #expect(readStreaming(Array(text.utf8), window: window) == expected, "window \(window)")
    }
  }

  @Test(arguments: AnswerSeeds.all)
  func `an answer that ends early is refused at the same byte as by a plain reader`(
    _ text: String
  ) {
    let bytes = Array(text.utf8)
    for length in 0..<bytes.count {
      let part = Array(bytes[..<length])
      #expect(readStreaming(part, window: 1 + length % 97) == readWhole(part), "\(length) bytes")
    }
  }

  @Test func `samples may stand before their labels`() {
    let samples = (0..<10_000).map { "[\($0),\"\($0)\"]" }.joined(separator: ",")
    let text = #"[{"values":[\#(samples)],"metric":{"a":"b"}},{"values":[],"metric":{}}]"#
    guard case .read(let answer) = readStreaming(Array(text.utf8), window: 1 << 12) else {
      Issue.record("refused")
      return
    }
    #expect(answer.series.count == 1 && answer.series[0].labels == ["a": "b"])
    #expect(answer.series[0].times == (0..<10_000).map { $0 * 1000 })
  }

  @Test(arguments: [
    (#"[{"metric":{},"metric":{}}]"#, "byte 23: second member 'metric'"),
    (#"[{"metric":{},"values":[],"values":[]}]"#, "byte 35: second member 'values'"),
    (#"[{"metric":{"a":"1","a":"2"}}]"#, "second label 'a'"),
  ])
  func `what readers understand differently is refused`(_ text: String, _ reason: String) {
    guard case .refused(let error) = readStreaming(Array(text.utf8), window: 10) else {
      Issue.record("read")
      return
    }
    #expect(error.contains(reason), "\(error)")
  }

  @Test func `more labels than any series has are refused`() {
    let labels = (0..<2000).map { "\"l\($0)\":\"\"" }.joined(separator: ",")
    let long = String(repeating: "x", count: 600_000)
    for labels in [labels, "\"a\":\"\(long)\",\"b\":\"\(long)\""] {
      let text = "[{\"metric\":{\(labels)}}]"
      guard case .refused(let error) = readStreaming(Array(text.utf8), window: 1 << 18) else {
        Issue.record("read")
        continue
      }
      #expect(error.contains("more than 1000 labels or 1048576 bytes of them"), "\(error)")
    }
  }

  @Test func `envelopes within envelopes end somewhere`() {
    let text = String(repeating: "{\"data\":", count: 100_000)
    #expect(
      readStreaming(Array(text.utf8), window: 1 << 12)
        == .refused("x: invalid JSON at byte 512: nested deeper than 64 levels"))
  }
}

/// Length of the run by `AUTOPILOT_FUZZ_ROUNDS`, texts from a seed of their own each.
@Suite struct PrometheusFuzzTests {
  @Test func `a damaged answer is judged as by a plain reader`() {
    var compared = 0
    for round in 0..<Mutation.rounds {
      var mutation = Mutation(seed: UInt64(round))
      let bytes = mutation.text(from: AnswerSeeds.all)
      let outcome = readStreaming(bytes, window: mutation.random.next(below: 400) + 1)
      let expected = readWhole(bytes)
      if outcome != expected {
        Issue.record("round \(round): \(outcome) instead of \(expected)")
      }
      #if canImport(CJSONOracle)
        if compare(outcome, with: bytes, round: round) { compared += 1 }
      #endif
    }
    #if canImport(CJSONOracle)
      #expect(compared > Mutation.rounds / 50)
    #endif
  }

  #if canImport(CJSONOracle)
    /// Whatever simdjson refuses is refused; where it finds samples and so do we, they are equal.
    ///
    /// - Returns: Whether both found samples.
    private func compare(_ outcome: Outcome, with bytes: [UInt8], round: Int) -> Bool {
      var times = [Double](repeating: 0, count: 1000)
      var values = times
      let count = unsafe ap_oracle_samples(bytes, bytes.count, &times, &values, times.count)
      guard case .read(let answer) = outcome else { return false }
      if count == AP_NO_JSON { Issue.record("round \(round): simdjson finds no JSON") }
      guard count >= 0 else { return false }
      let found = answer.series.flatMap(\.values)
      let expected = values[..<count].map { ($0.isNaN ? .nan : $0).bitPattern }
      let instants = times[..<count].map { Int64(min(max($0 * 1000, -9e18), 9e18).rounded()) }
      if found != expected || answer.series.flatMap(\.times) != instants {
        Issue.record("round \(round): simdjson finds other samples")
      }
      return true
    }
  #endif
}
