import Ingest
import Storage

/// What was read from an answer, with doubles as bits, so that NaN equals NaN.
struct ReadAnswer: Equatable, SeriesSink {
  struct Series: Equatable {
    var labels: [String: String]
    var times: [Int64] = []
    var values: [UInt64] = []
  }

  var series: [Series] = []
  var histograms: [[String: String]] = []

  mutating func begin(labels: [String: String], path: String) -> Int {
    series.append(Series(labels: labels))
    return series.count - 1
  }

  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int
  ) {
    series[number].times += times
    series[number].values += values.map { ($0.isNaN ? .nan : $0).bitPattern }
  }

  mutating func skipHistograms(labels: [String: String], path: String) {
    histograms.append(labels)
  }
}

/// What reading came to.
enum Outcome: Equatable {
  case read(ReadAnswer)
  case refused(String)

  init(_ body: () throws -> ReadAnswer) {
    do { self = .read(try body()) } catch { self = .refused("\(error)") }
  }
}

/// Reads an answer in pieces of a size.
func readStreaming(_ bytes: [UInt8], window: Int) -> Outcome {
  Outcome {
    var stream = JSONStream(bytes, source: "x", window: window)
    var (answer, sink) = (PrometheusAnswer(path: "x"), ReadAnswer())
    try answer.read(&stream, into: &sink)
    return sink
  }
}

/// Reads an answer as a whole, plainly and slowly, which the streaming reader must equal.
func readWhole(_ bytes: [UInt8]) -> Outcome {
  Outcome {
    var reader = JSONReader(bytes, source: "x")
    var answer = WholeAnswer()
    try answer.read(&reader)
    return answer.result
  }
}

private struct WholeAnswer {
  var result = ReadAnswer()
  var (failed, type, message) = (false, "", String?.none)

  mutating func read(_ reader: inout JSONReader) throws {
    switch reader.peek() {
    case 0x5B: try reader.array { try series(&$0) }
    case 0x7B: try envelope(&reader)
    default: throw reader.error("expected the answer of a range query, an object or an array")
    }
    try reader.expectEnd()
    if failed || message != nil {
      throw IngestError.failedQuery(
        path: "x", type: type.isEmpty ? "error" : type, message: message ?? "no message")
    }
  }

  mutating func envelope(_ reader: inout JSONReader, depth: Int = 0) throws {
    guard depth < 64 else { throw reader.error("nested deeper than 64 levels") }
    var found = false
    try reader.object { key, reader in
      switch key {
      case "status": failed = try reader.string() != "success"
      case "errorType": type = try reader.string()
      case "error": message = try reader.string()
      case "data":
        guard reader.peek() == 0x7B else { return try reader.skip() }
        found = true
        try envelope(&reader, depth: depth + 1)
      case "resultType":
        let type = try reader.string()
        guard type == "matrix" || type == "vector" else {
          throw IngestError.unsupported(
            path: "x",
            reason: "result type \(quoted(type)); export a matrix (range query) or a vector")
        }
      case "result":
        found = true
        try reader.array { try series(&$0) }
      default: try reader.skip()
      }
    }
    guard found || failed || message != nil else {
      throw reader.error("expected a member 'data' or 'result'; this is no answer of Prometheus")
    }
  }

  mutating func series(_ reader: inout JSONReader) throws {
    var labels: [String: String]?
    var series = ReadAnswer.Series(labels: [:])
    var (hasValues, histograms) = (false, false)
    try reader.object { key, reader in
      switch key {
      case "metric":
        guard labels == nil else { throw reader.error("second member 'metric'") }
        var members: [String: String] = [:]
        try reader.object { key, reader in
          let value = try reader.string()
          guard members.updateValue(value, forKey: key) == nil else {
            throw reader.error("second label \(quoted(key))")
          }
        }
        labels = members
      case "values":
        guard !hasValues else { throw reader.error("second member 'values'") }
        hasValues = true
        try reader.array { try sample(&$0, &series) }
      case "value": try sample(&reader, &series)
      case "histogram", "histograms":
        histograms = true
        try reader.skip()
      default: try reader.skip()
      }
    }
    guard let labels else { throw reader.error("series without a member 'metric'") }
    if histograms { result.histograms.append(labels) }
    series.labels = labels
    if !series.times.isEmpty { result.series.append(series) }
  }

  func sample(_ reader: inout JSONReader, _ series: inout ReadAnswer.Series) throws {
    try reader.expect("[")
    let seconds = try reader.number()
    try reader.expect(",")
    var value = 0.0
    if reader.peek() == 0x22 {
      let text = try reader.string()
      guard let number = Double(text) else {
        throw reader.error("\(quoted(text)) is not a sample value")
      }
      value = number
    } else {
      value = try reader.number()
    }
    try reader.expect("]")
    series.times.append(Int64(min(max(seconds * 1000, -9e18), 9e18).rounded()))
    series.values.append((value.isNaN ? .nan : value).bitPattern)
  }
}
