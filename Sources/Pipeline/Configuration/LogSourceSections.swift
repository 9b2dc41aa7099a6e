internal import Ingest
public import Telemetry

extension ConfigurationNode {
  /// Reads a source of the type `container_logs`.
  func containerLogs(at path: String) throws -> ContainerLogSource {
    try check(keys: ["type", "path", "service"])
    return ContainerLogSource(path: path, service: try optional("service")?.string)
  }

  /// Reads a source of the type `syslog`.
  func syslog(at path: String) throws -> SyslogSource {
    try check(keys: ["type", "path", "service", "year", "time_zone"])
    return SyslogSource(
      path: path, service: try optional("service")?.string, year: try year, zone: try zone)
  }

  /// Reads a source of the type `pattern`.
  func pattern(at path: String) throws -> PatternSource {
    try check(keys: [
      "type", "path", "expression", "service", "time_format", "year", "time_zone", "multiline",
    ])
    var source = PatternSource(
      path: path, expression: try required("expression").string,
      service: try optional("service")?.string, year: try year, zone: try zone,
      isMultiline: try optional("multiline")?.bool ?? false)
    if let format = try optional("time_format") {
      source.timeFormat = try logTimeFormat(try format.string) { format.expected("another: \($0)") }
    }
    do {
      try source.check()
    } catch {
      throw try required("expression").expected("a usable pattern source: \(error)")
    }
    return source
  }

  private var year: Int? { get throws { try optional("year")?.integer(1...9900) } }

  private var zone: LocalZone {
    get throws {
      guard let node = try optional("time_zone") else { return .utc }
      guard let zone = LocalZone(try node.string) else {
        throw node.expected("UTC, an offset such as +02:00 or a place such as Europe/Berlin")
      }
      return zone
    }
  }
}

/// How the times of a log are written: nil for `auto`.
///
/// - Parameter failure: The error for a text that is no format.
public func logTimeFormat(
  _ text: String, failure: (String) -> any Error
) throws -> TimePattern? {
  guard text != "auto" else { return nil }
  do throws(TimePattern.Failure) {
    return try TimePattern(text)
  } catch {
    throw failure(error.description)
  }
}
