internal import Telemetry

/// Writes series as Prometheus answers `query_range`.
///
/// The form is that of "HTTP API: Range queries" of Prometheus 3: an envelope around a matrix,
/// times in seconds, values as strings.
struct MetricsText {
  private(set) var bytes = Array(
    #"{"status":"success","data":{"resultType":"matrix","result":["#.utf8)
  private let times: [[UInt8]]
  private var isFirst = true

  /// Starts a document whose samples lie at `times`.
  init(times: [Timestamp]) {
    self.times = times.map { Array("[\($0.milliseconds / 1000),\"".utf8) }
  }

  /// Adds a series.
  mutating func append(_ series: MetricRecorder.Series) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    let labels = series.labels.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ",")
    bytes += Array("{\"metric\":{\(labels)},\"values\":[".utf8)
    var separator: [UInt8] = []
    for (time, sample) in zip(times, series.samples) {
      guard let sample else { continue }
      bytes += separator
      bytes += time
      bytes += fixedPoint(sample, decimals: series.decimals).utf8
      bytes += [UInt8(ascii: "\""), UInt8(ascii: "]")]
      separator = [UInt8(ascii: ",")]
    }
    bytes += [UInt8(ascii: "]"), UInt8(ascii: "}")]
  }

  /// Ends the document.
  mutating func close() { bytes += Array("]}}".utf8) }
}
