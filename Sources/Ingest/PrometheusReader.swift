internal import Storage
internal import Telemetry

/// Reads answers of Prometheus's query API: matrices and vectors, with or without the envelope.
struct PrometheusReader: SourceReader {
  let path: String

  func read(into collector: inout TelemetryCollector) throws {
    for path in try collector.files(at: path) {
      let file = try collector.open(path, type: "prometheus")
      var stream = JSONStream(file.bytes, source: path)
      var answer = PrometheusAnswer(path: path)
      try answer.read(&stream, into: &collector)
    }
  }
}

extension TelemetryCollector: SeriesSink {
  mutating func begin(labels: [String: String], path: String) throws -> Int {
    try series.number(labels: labels, in: source(path))
  }

  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int
  ) throws {
    for (value, time) in zip(values, times) { try series.append(value, at: time, to: number) }
  }

  mutating func skipHistograms(labels: [String: String], path: String) {
    report.note("native_histogram", .skipped, in: source(path).name, example: canonical(labels))
  }

  private func source(_ path: String) -> SourceText {
    SourceText(path: path, name: String(path.split(separator: "/").last ?? ""), bytes: [])
  }
}
