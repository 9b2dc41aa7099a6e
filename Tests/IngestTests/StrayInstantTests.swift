import Ingest
import Telemetry
import Testing

@Suite struct StrayInstantTests {
  private let good = "2026-01-01T00:00:00Z"

  /// The error of a source read with the default limits, or with others.
  private func failure(
    _ source: SourceConfiguration, adjust: (inout IngestConfiguration) -> Void = { _ in }
  ) -> IngestError? {
    var configuration = IngestConfiguration(interval: .minutes(1), sources: [source])
    adjust(&configuration)
    return #expect(throws: IngestError.self) { try ingest(configuration) }
  }

  @Test func `a stray instant in a table is named with file, line and series`() throws {
    let folder = try TestFolder(["m.csv": "time,cpu\n1767225600,1\n1767225,2\n"])
    let path = folder.path + "/m.csv"
    let error = failure(.csv(CSVSource(path: path)))
    #expect(
      error
        == .strayInstant(
          place: path + ":3", owner: "series 'cpu'", instant: Timestamp(seconds: 1_767_225),
          earliest: IngestLimits().earliest, latest: IngestLimits().latest))
    #expect(
      error?.description.hasPrefix(
        "\(path):3: series 'cpu' has the instant 1970-01-21T10:53:45Z, which is not between "
          + "1990-01-01T00:00:00Z and 2100-01-01T00:00:00Z; check the unit") == true)
  }

  @Test(arguments: [
    ("1767225600000", CSVSource.TimeFormat.unixSeconds, "57971-"),
    ("1767225600", .unixMilliseconds, "1970-01-21T10:53:45.600Z"),
    ("1767225600000000000", .auto, "has the instant"), ("1e300", .unixSeconds, "has the instant"),
    ("0", .auto, "1970-01-01T00:00:00Z"), ("2100-01-01T00:00:01Z", .auto, "2100-01-01T00:00:01Z"),
  ])
  func `a wrong unit of time is an error, not a row left out`(
    _ time: String, _ format: CSVSource.TimeFormat, _ part: String
  ) throws {
    let folder = try TestFolder(["m.csv": "time,cpu\n\(time),1\n"])
    let error = failure(
      .csv(CSVSource(path: folder.path + "/m.csv", layout: .auto, timeFormat: format)))
    #expect(error?.description.contains("m.csv:2: series 'cpu' has") == true)
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
  }

  @Test func `a stray instant in an answer of Prometheus is named with file and series`() throws {
    let series = [
      (#"{"__name__":"up","service":"shop"}"#, [(1_767_225_600.0, "1")]),
      (#"{"__name__":"cpu","service":"shop"}"#, [(1_767_225_600, "1"), (1_767_225_600_000, "1")]),
    ]
    let folder = try TestFolder(["a.json": matrix(series)])
    let error = failure(.prometheus(path: folder.path + "/a.json"))
    #expect(
      error?.description.contains(#"a.json: series 'cpu{service="shop"}' has the instant 57971-"#)
        == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    #"{"labels":{"service":"shop"},"line":"x","timestamp":"0001-01-01T00:00:00Z"}"#,
    #"{"data":{"resultType":"streams","result":[{"stream":{"service":"shop"},"values":[["5","x"]]}]}}"#,
  ])
  func `a stray log line is named with its file and service`(_ text: String) throws {
    let folder = try TestFolder(["a.json": text])
    let error = failure(.loki(path: folder.path + "/a.json"))
    #expect(
      error?.description.contains("the log of service 'shop' has the instant") == true,
      "\(String(describing: error))")
    #expect(error?.description.hasPrefix(folder.path + "/a.json") == true)
  }

  @Test func `the bounds are configuration, and their own instants lie within`() throws {
    let folder = try TestFolder(["m.csv": "time,cpu\n60,1\n120,2\n"])
    let source = SourceConfiguration.csv(CSVSource(path: folder.path + "/m.csv"))
    var configuration = IngestConfiguration(interval: .minutes(1), sources: [source])
    configuration.limits.earliest = Timestamp(seconds: 60)
    configuration.limits.latest = Timestamp(seconds: 120)
    #expect(try ingest(configuration).grid.count == 2)
    let late = failure(source) { $0.limits.earliest = Timestamp(seconds: 61) }
    #expect(late?.description.contains("not between 1970-01-01T00:01:01Z") == true)
    let reversed = failure(source) { $0.limits.earliest = $0.limits.latest }
    #expect(reversed?.description.contains("is not after earliest") == true)
  }

  @Test func `a grid of too many cells names the sample that stretches it`() throws {
    let days = (0..<3).map { (1_767_225_600.0 + Double($0) * 60, "1") }
    let up = #"{"__name__":"up","service":"shop"}"#
    let cpu = #"{"__name__":"cpu","service":"shop"}"#
    for (stray, text) in [
      (2_902_176_000.0, "2061-12-19T00:00:00Z"), (788_918_400, "1995-01-01T00:00:00Z"),
    ] {
      let folder = try TestFolder([
        "a.json": matrix([(up, days), (cpu, days)]), "b.json": matrix([(cpu, [(stray, "1")])]),
      ])
      let error = failure(.prometheus(path: folder.path)) { $0.limits.cells = 1_000_000 }
      #expect(
        error?.description.contains(
          #"farthest out is the sample at \#(text) of series 'cpu{service="shop"}' in "#
            + "\(folder.path)/b.json: ") == true, "\(String(describing: error))")
    }
  }

  @Test func `a grid of too many cells names the log line that stretches it`() throws {
    let line = { (time: String, service: String) in
      #"{"labels":{"service":"\#(service)"},"line":"x","timestamp":"\#(time)"}"# + "\n"
    }
    let folder = try TestFolder([
      "a.jsonl": line(good, "shop") + line(good, "shop") + line(good, "cart"),
      "b.jsonl": line("2062-01-01T00:00:00Z", "shop"),
    ])
    let error = failure(.loki(path: folder.path)) { $0.limits.cells = 1_000_000 }
    #expect(
      error?.description.contains(
        "the log line at 2062-01-01T00:00:00Z of service 'shop' in \(folder.path)/b.jsonl") == true,
      "\(String(describing: error))")
  }
}
