internal import Telemetry

/// A line of a log file.
struct LogPlace {
  /// The file's path, for errors.
  var path: String
  /// The file's name, for the report.
  var name: String
  var line: Int

  init(_ file: SourceText, line: Int) {
    (path, name, self.line) = (file.path, file.name, line)
  }
}

/// A message of a log file.
struct LogMessage {
  /// Milliseconds since 1970.
  var time: Int64
  var service: String
  /// The severity, unless the text names one.
  var level: LogLevel
  /// UTF-8.
  var text: [UInt8]
  /// Where it begins; it may end in a later file of its log.
  var place: LogPlace
}

/// What a line of a log file is.
enum LogLineOutcome {
  /// A line of the format, whether or not it ends a message.
  case taken
  /// None of the format, for a reason, with a detail for people where the line itself is not enough.
  case skipped(String, detail: String? = nil)
}

/// Something that was assumed or changed in reading a line.
struct LogRemark {
  var reason: String
  var detail: String
  /// Where it is, unless that is the line itself.
  var place: LogPlace?
}

/// Makes messages of the lines of one log.
protocol LogLineFormat {
  /// What a line looks like, for the error when none does.
  var expected: String { get }
  /// Lines at a file's beginning of which one must be of the format.
  var patience: Int { get }
  /// What was assumed since this was last emptied.
  var remarks: [LogRemark] { get set }

  /// Takes the next line, which is not blank, without its end.
  ///
  /// - Parameter messages: Gets the messages that are complete now.
  mutating func take(
    _ line: ArraySlice<UInt8>, number: Int, in file: SourceText, _ messages: inout [LogMessage]
  ) throws(IngestError) -> LogLineOutcome

  /// Takes the end of the log.
  mutating func finish(_ messages: inout [LogMessage])
}

extension LogLineFormat {
  var patience: Int { 100 }
}
