internal import Storage
internal import Telemetry

/// Reads answers of Prometheus's query API: matrices and vectors, with or without the envelope.
struct PrometheusReader: SourceReader {
  let path: String

  func read(into collector: inout TelemetryCollector) throws {
    for path in try collector.files(at: path) {
      let file = try collector.open(path, type: "prometheus")
      var document = PrometheusDocument(file: file)
      try document.read(into: &collector)
    }
  }
}

/// One answer.
private struct PrometheusDocument {
  let file: SourceText
  private var errorType = ""
  private var errorMessage: String?
  private var failed = false
  // Reused from series to series.
  private var times: [Int64] = []
  private var values: [Double] = []

  init(file: SourceText) { self.file = file }

  mutating func read(into collector: inout TelemetryCollector) throws {
    var reader = JSONReader(try file.readAll(), source: file.path)
    switch reader.peek() {
    case 0x5B: try result(&reader, &collector)
    case 0x7B: try envelope(&reader, &collector)
    default: throw reader.error("expected the answer of a range query, an object or an array")
    }
    try reader.expectEnd()
    if failed || errorMessage != nil {
      throw IngestError.failedQuery(
        path: file.path, type: errorType.isEmpty ? "error" : errorType,
        message: errorMessage ?? "no message")
    }
  }

  /// `{"status", "data": {"resultType", "result"}}`, or what is in `data`.
  private mutating func envelope(
    _ reader: inout JSONReader, _ collector: inout TelemetryCollector
  ) throws {
    var found = false
    try reader.object { key, reader in
      switch key {
      case "status": failed = try reader.string() != "success"
      case "errorType": errorType = try reader.string()
      case "error": errorMessage = try reader.string()
      case "data":
        guard reader.peek() == 0x7B else { return try reader.skip() }
        found = true
        try envelope(&reader, &collector)
      case "resultType":
        let type = try reader.string()
        guard type == "matrix" || type == "vector" else {
          throw IngestError.unsupported(
            path: file.path,
            reason: "result type \(quoted(type)); export a matrix (range query) or a vector")
        }
      case "result":
        found = true
        try result(&reader, &collector)
      default: try reader.skip()
      }
    }
    guard found || failed || errorMessage != nil else {
      throw reader.error("expected a member 'data' or 'result'; this is no answer of Prometheus")
    }
  }

  private mutating func result(
    _ reader: inout JSONReader, _ collector: inout TelemetryCollector
  ) throws {
    try reader.array { reader in try series(&reader, &collector) }
  }

  /// `{"metric": {…}, "values": [[time, "value"], …]}`, members in any order.
  private mutating func series(
    _ reader: inout JSONReader, _ collector: inout TelemetryCollector
  ) throws {
    var labels: [String: String]?
    var histograms = false
    times.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    try reader.object { key, reader in
      switch key {
      case "metric":
        var members: [String: String] = [:]
        try reader.object { key, reader in members[key] = try reader.string() }
        labels = members
      case "values": try reader.array { reader in try sample(&reader) }
      case "value": try sample(&reader)
      case "histogram", "histograms":
        histograms = true
        try reader.skip()
      default: try reader.skip()
      }
    }
    guard let labels else { throw reader.error("series without a member 'metric'") }
    if histograms {
      collector.report.note("native_histogram", .skipped, in: file.name, example: canonical(labels))
    }
    guard !times.isEmpty else { return }
    let number = try collector.series.number(labels: labels, in: file)
    try collector.series.append(values, at: times, to: number)
  }

  private mutating func sample(_ reader: inout JSONReader) throws {
    try reader.expect("[")
    let seconds = try reader.number()
    try reader.expect(",")
    times.append(wholeMilliseconds(seconds * 1000))
    if reader.peek() == 0x22 {
      let text = try reader.string()
      guard let value = Double(text) else {
        throw reader.error("\(quoted(text)) is not a sample value")
      }
      values.append(value)
    } else {
      values.append(try reader.number())
    }
    try reader.expect("]")
  }
}
