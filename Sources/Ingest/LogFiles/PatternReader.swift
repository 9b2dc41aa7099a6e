internal import Storage
internal import Telemetry

/// Reads log files in a format that a regular expression with named groups describes.
struct PatternReader: SourceReader {
  let source: PatternSource

  func read(into collector: inout TelemetryCollector) throws {
    try checkYear(source.year, of: "pattern")
    let expression = try source.compiled()
    let logs = try LogFolder.logs(at: source.path, in: &collector) { _ in true }
    let limit = collector.limits.lineBytes
    var reading = LogFileReading<PatternFormat>(type: "pattern")
    try reading.read(logs, into: &collector) { log in
      PatternFormat(
        source: source, expression: expression, service: source.service ?? log.name, limit: limit)
    }
  }
}

extension PatternSource {
  /// Refuses an expression or a format of times that cannot be used, before any file is read.
  ///
  /// - Throws: `IngestError.invalidConfiguration`.
  public func check() throws(IngestError) { _ = try compiled() }

  fileprivate func compiled() throws(IngestError) -> LineExpression {
    let shown = quoted(expression)
    let compiled: LineExpression
    do throws(LineExpression.Failure) {
      compiled = try LineExpression(expression)
    } catch {
      throw .invalidConfiguration(reason: "the expression \(shown) is wrong: \(error)")
    }
    guard compiled.groups["time"] != nil else {
      throw .invalidConfiguration(
        reason: "the expression \(shown) has no group named 'time', which is written "
          + "(?<time>…); 'message', 'level' and 'service' may be named too")
    }
    if let timeFormat, timeFormat.lacksYear, year == nil {
      throw .invalidConfiguration(
        reason:
          "the time format \(quoted(timeFormat.text)) has no year; set the source's 'year' to "
          + "that of the first line")
    }
    return compiled
  }
}
