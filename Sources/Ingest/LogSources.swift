public import Telemetry

/// Logs of containers, as runtimes keep them: lines of the CRI and of Docker's json-file driver.
public struct ContainerLogSource: Hashable, Sendable {
  /// A file, or a folder that is read with all folders in it, such as `/var/log/pods`.
  public var path: String
  /// The service of all lines; nil takes it from each file's path.
  public var service: String?

  /// Makes a source.
  public init(path: String, service: String? = nil) {
    (self.path, self.service) = (path, service)
  }
}

/// Log files of syslog.
public struct SyslogSource: Hashable, Sendable {
  /// A file, or a folder that is read with all folders in it.
  public var path: String
  /// The service of all lines; nil takes the name of the program in each line.
  public var service: String?
  /// The year of each log's first line where times have none, as in RFC 3164. It goes up by one where
  /// the dates start again.
  public var year: Int?
  /// The zone of times that do not state one.
  public var zone: LocalZone

  /// Makes a source.
  public init(
    path: String, service: String? = nil, year: Int? = nil, zone: LocalZone = .utc
  ) {
    (self.path, self.service, self.year, self.zone) = (path, service, year, zone)
  }
}

/// Log files in a format that a regular expression with named groups describes.
public struct PatternSource: Hashable, Sendable {
  /// A file, or a folder that is read with all folders in it.
  public var path: String
  /// What a line looks like from its beginning, see `LineExpression`.
  ///
  /// The group `time` is required. `message` is the text, by default the whole line; `level` the
  /// severity and `service` the service. Other groups have no meaning.
  public var expression: String
  /// How `time` is written; nil for RFC 3339 in its variants and for seconds, milliseconds,
  /// microseconds or nanoseconds since 1970, told apart by their number.
  public var timeFormat: TimePattern?
  /// The service of lines that name none; nil takes it from the file's name.
  public var service: String?
  /// The year of each log's first line where times have none. It goes up by one where the dates start
  /// again.
  public var year: Int?
  /// The zone of times that do not state one.
  public var zone: LocalZone
  /// Whether a line that does not match continues the message before it, as stack traces do, instead
  /// of being skipped.
  public var isMultiline: Bool

  /// Makes a source.
  public init(
    path: String, expression: String, timeFormat: TimePattern? = nil, service: String? = nil,
    year: Int? = nil, zone: LocalZone = .utc, isMultiline: Bool = false
  ) {
    (self.path, self.expression, self.timeFormat) = (path, expression, timeFormat)
    (self.service, self.year, self.zone) = (service, year, zone)
    self.isMultiline = isMultiline
  }
}
