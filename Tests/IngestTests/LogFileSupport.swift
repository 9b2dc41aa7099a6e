import Foundation
import Ingest
import Storage
import Telemetry

extension Dataset {
  /// The patterns of a service's log in the order of their texts; nil when there is no log.
  func logTexts(of service: String) -> [String]? { log(of: service)?.patterns.map(\.text).sorted() }

  /// The severity of a service's first pattern.
  func logLevel(of service: String) -> LogLevel? { log(of: service)?.patterns.first?.level }

  /// The number of a service's lines in all cells.
  func lineCount(of service: String) -> Int? {
    log(of: service).map { $0.counts.reduce(0) { $0 + $1.lines } }
  }

  func log(of service: String) -> LogActivity? { services.first { $0.service == service }?.logs }
}

/// The lines of a source in the order of reading: instant, service and text.
func lines(_ source: SourceConfiguration) throws -> [String] {
  try readColumns(source).streams.flatMap { stream in
    var start = 0
    return zip(stream.times, stream.ends).map { time, end in
      defer { start = end }
      let instant = Timestamp(milliseconds: time / 1_000_000)
      let text = String(decoding: stream.text[start..<end], as: UTF8.self)
      return "\(instant) \(stream.labels["service"] ?? "") \(text)"
    }
  }
}

/// What an ingest fails with.
func failure(of source: SourceConfiguration) -> String {
  do {
    _ = try ingest(source)
    return ""
  } catch {
    return "\(error)"
  }
}

/// Makes a symbolic link.
func link(_ path: String, to target: String) throws {
  try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
}
