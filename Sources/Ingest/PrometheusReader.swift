internal import Storage
internal import Telemetry

/// Reads answers of Prometheus's query API: matrices and vectors, with or without the envelope.
struct PrometheusReader: SourceReader {
  let path: String

  func read(into collector: inout TelemetryCollector) throws {
    for path in try collector.files(at: path) {
      let file = try collector.open(path, type: "prometheus")
      var stream = JSONStream(source: path) { buffer, start in
        try file.source.fill(&buffer, from: start)
      }
      var answer = PrometheusAnswer(path: path)
      try answer.read(&stream, into: &collector)
    }
  }
}

extension TelemetryCollector: SeriesSink {
  mutating func begin(labels: [String: String], path: String) throws -> Int {
    try series.number(labels: labels, in: openFile)
  }

  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int
  ) throws {
    try series.append(values, at: times, to: number)
  }

  mutating func skipHistograms(labels: [String: String], path: String) {
    report.note("native_histogram", .skipped, in: openFile.name, example: canonical(labels))
  }
}
