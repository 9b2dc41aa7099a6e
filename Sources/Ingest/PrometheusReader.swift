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

  mutating func append(times: Span<Int64>, values: Span<Double>, to number: Int) throws {
    for index in times.indices {
      try series.append(values[index], at: times[index], to: number)
    }
  }

  mutating func skipHistograms(labels: [String: String], path: String) {
    report.note("native_histogram", .skipped, in: source(path).name, example: canonical(labels))
  }

  private func source(_ path: String) -> SourceText {
    SourceText(path: path, name: String(path.split(separator: "/").last ?? ""), bytes: [])
  }
}
