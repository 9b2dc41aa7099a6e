internal import Diagnostics
internal import Foundation
internal import Logging
internal import Storage
internal import Telemetry

/// Writes log lines as JSON objects, one a line, on standard error.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var members: [String: JSONValue] = [
      "time": .string(
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).description),
      "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
    ]
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
      members[key] = .string("\(value)")
    }
    let line = Array((JSONValue.object(members).text() + "\n").utf8)
    // One write, so that lines of several threads do not mix.
    FileHandle.standardError.write(Data(line))
  }
}
