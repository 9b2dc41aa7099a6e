public import Exporters
internal import Storage
public import Telemetry
internal import Transport

/// A sample to store elsewhere.
public struct SentSample: Hashable, Sendable {
  /// All labels, the metric's name as `__name__`.
  public var labels: [String: String]
  /// Its instant.
  public var time: Timestamp
  /// Its value.
  public var value: Double

  /// Makes a sample.
  public init(labels: [String: String], time: Timestamp, value: Double) {
    (self.labels, self.time, self.value) = (labels, time, value)
  }
}

/// Sends samples, such as scores, by remote write 1.0.
public struct RemoteWriteSender: Sendable {
  /// Samples of one request.
  private static let batch = 5_000

  private let connection: ServerConnection

  /// Makes a sender.
  ///
  /// - Parameter connection: Its address is that of the endpoint, such as
  ///   `http://localhost:9090/api/v1/write`.
  /// - Throws: `ExportError.invalidRequest`.
  public init(_ connection: ServerConnection) throws(ExportError) {
    try connection.validate()
    self.connection = connection
  }

  /// Sends samples, those of a series in the order of time.
  ///
  /// - Throws: `ExportError`; samples of earlier requests have arrived.
  public func send(_ samples: [SentSample]) async throws {
    let connection = connection
    var options = HTTPTransportOptions()
    options.security = connection.security
    options.retries = connection.retries
    options.environment = connection.environment
    options.timeout = connection.timeout
    options.userAgent = "autopilot-scorer"
    let address = connection.address
    do {
      let transport = try HTTPTransport(
        scheme: address.scheme, host: address.host, port: address.port, options: options)
      for start in stride(from: 0, to: samples.count, by: Self.batch) {
        let body = Self.body(of: samples[start..<min(samples.count, start + Self.batch)])
        let answer = try await transport.send(limit: 64 << 10) {
          HTTPRequest(
            "POST", address.text,
            headers: try connection.credentials.headers().fields + [
              ("content-type", "application/x-protobuf"), ("content-encoding", "snappy"),
              ("x-prometheus-remote-write-version", "0.1.0"),
            ], body: body)
        }
        guard (200..<300).contains(answer.status) else {
          let secrets = try connection.credentials.headers().secrets
          throw ExportError.refused(
            url: address.text, status: answer.status,
            message: sanitized(serverMessage(answer.body), hiding: secrets))
        }
      }
    } catch let error as TransportError {
      throw ExportError(error)
    }
  }

  /// The compressed message of samples.
  static func body(of samples: ArraySlice<SentSample>) -> [UInt8] {
    var numbers: [[String: String]: Int] = [:]
    var series: [RemoteWriteMessage.Series] = []
    for sample in samples {
      let number = numbers[sample.labels] ?? series.count
      if number == series.count {
        numbers[sample.labels] = number
        series.append(RemoteWriteMessage.Series(labels: sample.labels))
      }
      series[number].times.append(sample.time.milliseconds)
      series[number].values.append(sample.value)
    }
    return SnappyBlock.compress(RemoteWriteMessage.bytes(of: series))
  }
}
