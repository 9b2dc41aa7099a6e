package import Storage

/// Takes the series of an answer of Prometheus in the order of the text.
package protocol SeriesSink {
  /// A series of the file at `path` begins, which has samples; returns a number of its own.
  mutating func begin(labels: [String: String], path: String) throws -> Int
  /// More samples of the series with this number: values and milliseconds since 1970, [samples].
  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int) throws
  /// A series of the file at `path` has native histograms, which are left out.
  mutating func skipHistograms(labels: [String: String], path: String)
}

/// Reads an answer of Prometheus's query API, a matrix or a vector, with or without the envelope, in
/// memory that does not grow with it.
package struct PrometheusAnswer {
  /// Samples that may stand before their series' labels and wait for them in memory, 64 MiB of it.
  private static let waitingLimit = 1 << 22

  private let path: String
  private var errorType = ""
  private var errorMessage: String?
  private var failed = false
  private var buffer = SampleBuffer()

  /// - Parameter path: The file's path, for errors.
  package init(path: String) { self.path = path }

  /// Reads the text from beginning to end.
  ///
  /// - Throws: `StorageError.invalidJSON`, `IngestError.failedQuery`, `.unsupported`, and what the
  ///   sink and the text's source throw.
  package mutating func read(
    _ stream: inout JSONStream, into sink: inout some SeriesSink
  ) throws {
    switch try stream.peek() {
    case 0x5B: try result(&stream, &sink)
    case 0x7B: try envelope(&stream, &sink)
    default: throw stream.error("expected the answer of a range query, an object or an array")
    }
    try stream.expectEnd()
    if failed || errorMessage != nil {
      throw IngestError.failedQuery(
        path: path, type: errorType.isEmpty ? "error" : errorType,
        message: errorMessage ?? "no message")
    }
  }

  /// `{"status", "data": {"resultType", "result"}}`, or what is in `data`.
  private mutating func envelope(
    _ stream: inout JSONStream, _ sink: inout some SeriesSink, depth: Int = 0
  ) throws {
    guard depth < JSONReader.depthLimit else {
      throw stream.error("nested deeper than \(JSONReader.depthLimit) levels")
    }
    var found = false
    try stream.object { key, stream in
      switch key {
      case "status": failed = try stream.string() != "success"
      case "errorType": errorType = try stream.string()
      case "error": errorMessage = try stream.string()
      case "data":
        guard try stream.peek() == 0x7B else { return try stream.skip() }
        found = true
        try envelope(&stream, &sink, depth: depth + 1)
      case "resultType":
        let type = try stream.string()
        guard type == "matrix" || type == "vector" else {
          throw IngestError.unsupported(
            path: path,
            reason: "result type \(quoted(type)); export a matrix (range query) or a vector")
        }
      case "result":
        found = true
        try result(&stream, &sink)
      default: try stream.skip()
      }
    }
    guard found || failed || errorMessage != nil else {
      throw stream.error("expected a member 'data' or 'result'; this is no answer of Prometheus")
    }
  }

  private mutating func result(
    _ stream: inout JSONStream, _ sink: inout some SeriesSink
  ) throws {
    try stream.array { stream in try series(&stream, &sink) }
  }

  /// `{"metric": {…}, "values": [[time, "value"], …]}`, members in any order.
  private mutating func series(
    _ stream: inout JSONStream, _ sink: inout some SeriesSink
  ) throws {
    var (labels, number) = ([String: String]?.none, Int?.none)
    var (hasValues, histograms) = (false, false)
    buffer.removeAll()
    try stream.object { key, stream in
      switch key {
      case "metric":
        guard labels == nil else { throw stream.error("second member 'metric'") }
        labels = try stream.labels()
      case "values":
        guard !hasValues else { throw stream.error("second member 'values'") }
        hasValues = true
        try samples(&stream, of: labels, number: &number, into: &sink)
      case "value":
        if buffer.isFull { try makeRoom(stream, of: labels, number: &number, into: &sink) }
        try sample(&stream)
      case "histogram", "histograms":
        histograms = true
        try stream.skip()
      default: try stream.skip()
      }
    }
    guard let labels else { throw stream.error("series without a member 'metric'") }
    if histograms { sink.skipHistograms(labels: labels, path: path) }
    try flush(labels, number: &number, into: &sink)
  }

  private mutating func samples(
    _ stream: inout JSONStream, of labels: [String: String]?, number: inout Int?,
    into sink: inout some SeriesSink
  ) throws {
    try stream.expect("[")
    if try stream.take("]") { return }
    repeat {
      if buffer.isFull { try makeRoom(stream, of: labels, number: &number, into: &sink) }
      if try !stream.takeSamples(into: &buffer) { try sample(&stream) }
    } while try stream.take(",")
    try stream.expect("]")
  }

  /// A sample in whatever form.
  private mutating func sample(_ stream: inout JSONStream) throws {
    try stream.expect("[")
    let seconds = try stream.number()
    try stream.expect(",")
    let value: Double
    if try stream.peek() == 0x22 {
      let text = try stream.string()
      guard let parsed = Double(text) else {
        throw stream.error("\(quoted(text)) is not a sample value")
      }
      value = parsed
    } else {
      value = try stream.number()
    }
    try stream.expect("]")
    buffer.append(value, at: wholeMilliseconds(seconds * 1000))
  }

  /// Hands a full buffer on, or makes it larger while the series' labels are still to come.
  private mutating func makeRoom(
    _ stream: borrowing JSONStream, of labels: [String: String]?, number: inout Int?,
    into sink: inout some SeriesSink
  ) throws {
    if let labels { return try flush(labels, number: &number, into: &sink) }
    guard buffer.capacity < Self.waitingLimit else {
      throw stream.error(
        "more than \(buffer.capacity) samples before their labels; put 'metric' before 'values'")
    }
    buffer.grow()
  }

  private mutating func flush(
    _ labels: [String: String], number: inout Int?, into sink: inout some SeriesSink
  ) throws {
    guard buffer.count > 0 else { return }
    let series = try number ?? sink.begin(labels: labels, path: path)
    number = series
    try sink.append(
      buffer.values[..<buffer.count], at: buffer.times[..<buffer.count], to: series)
    buffer.removeAll()
  }
}
