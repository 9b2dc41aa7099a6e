import Ingest
import Telemetry
import Testing

@Suite struct ReadColumnsTests {
  @Test func `samples come as they stand, series in the order of appearance`() throws {
    let folder = try TestFolder([
      "a.json": #"""
      [{"metric":{"__name__":"b"},"values":[[1767225600.5,"2"],[1767225599,"0.1"],
        [1767225601,"NaN"],[1767225602,"+Inf"]]},
       {"metric":{"__name__":"a","pod":"x"},"values":[[1767225600,"1e3"]]}]
      """#
    ])
    let columns = try readColumns(.prometheus(path: "\(folder.path)/a.json"))
    let series = columns.series
    #expect(series.map(\.labels) == [["__name__": "b"], ["__name__": "a", "pod": "x"]])
    #expect(series.map(\.times) == [[1_767_225_600_500, 1_767_225_599_000], [1_767_225_600_000]])
    #expect(series.map(\.values) == [[2, 0.1], [1000]])
    #expect(columns.report.samples == 5 && columns.report.series == 2)
    #expect(
      columns.report.defects == [
        IngestReport.Defect(
          source: "a.json", reason: "not_finite", effect: .skipped, count: 1, example: "b")
      ])
  }

  @Test func `a wide CSV gives a series per column`() throws {
    let folder = try TestFolder([
      "a.csv": "time,\"up{pod=\"\"x\"\"}\",load\n1767225600,1,0.5\n1767225610,,0.75\n"
    ])
    let series = try readColumns(
      .csv(CSVSource(path: "\(folder.path)/a.csv", layout: .wide))
    ).series
    #expect(series.map(\.labels) == [["__name__": "up", "pod": "x"], ["__name__": "load"]])
    #expect(series.map(\.times) == [[1_767_225_600_000], [1_767_225_600_000, 1_767_225_610_000]])
    #expect(series.map(\.values) == [[1], [0.5, 0.75]])
  }

  @Test func `log lines keep their nanoseconds and every byte`() throws {
    let folder = try TestFolder([
      "lines.jsonl": #"""
      {"labels":{"app":"a"},"line":"x \"1\"","timestamp":"2026-01-01T00:00:00.123456789Z"}
      {"labels":{"app":"b"},"line":"","timestamp":"1969-12-31T23:59:59.9999+00:00"}
      {"labels":{"app":"a"},"line":"ü","timestamp":"2026-01-01T01:00:01+01:00"}
      """#,
      "answer.json": #"""
      [{"stream":{"app":"a"},"values":[["1767225600123456789","x \"1\""],
        ["1767225601000000000","ü"]]},{"stream":{"app":"b"},"values":[["-100000",""]]}]
      """#,
    ])
    for file in ["lines.jsonl", "answer.json"] {
      let streams = try readColumns(.loki(path: "\(folder.path)/\(file)")).streams
      #expect(streams.map(\.labels) == [["app": "a"], ["app": "b"]])
      #expect(
        streams.map(\.times)
          == [[1_767_225_600_123_456_789, 1_767_225_601_000_000_000], [-100_000]])
      #expect(streams.map(\.text) == [Array("x \"1\"ü".utf8), []])
      #expect(streams.map(\.ends) == [[5, 7], [0]])
    }
  }

  @Test func `an instant beyond what nanoseconds reach is refused with its place`() throws {
    let folder = try TestFolder([
      "a.jsonl": #"{"labels":{},"line":"x","timestamp":"2400-01-01T00:00:00Z"}"#
    ])
    let error = try #require(throws: IngestError.self) {
      try readColumns(.loki(path: "\(folder.path)/a.jsonl"))
    }
    #expect(error.description.contains("'2400-01-01T00:00:00Z' is outside the years 1678 to 2261"))
    #expect(error.description.contains("a.jsonl"))
  }
}
