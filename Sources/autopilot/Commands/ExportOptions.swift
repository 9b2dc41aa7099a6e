internal import ArgumentParser
internal import Exporters
internal import Foundation
internal import Telemetry
internal import Transport

/// Which server to pull from, which time, and how.
struct ExportOptions: ParsableArguments {
  @Option(help: "The server's address, a path prefix included, such as http://prometheus:9090.")
  var url: String

  @Option(
    parsing: .unconditional,
    help: "First instant: RFC 3339, or a span before now such as -7d.")
  var start: String

  @Option(parsing: .unconditional, help: "Last instant, in the same forms, or now.")
  var end = "now"

  @Option(help: "Folder to write to.")
  var out: String

  @Option(help: ArgumentHelp("File with a bearer token.", valueName: "file"))
  var bearerTokenFile: String?

  @Option(help: ArgumentHelp("File with user:password.", valueName: "file"))
  var basicAuthFile: String?

  @Option(help: "Tenant, sent as X-Scope-OrgID.")
  var tenant: String?

  @Option(
    help: ArgumentHelp("Certificates to trust instead of the system's (PEM).", valueName: "file"))
  var caFile: String?

  @Option(help: ArgumentHelp("Our certificate for mutual TLS (PEM).", valueName: "file"))
  var certFile: String?

  @Option(
    help: ArgumentHelp("Key of our certificate (PEM, without passphrase).", valueName: "file"))
  var keyFile: String?

  @Flag(help: "Do not check the server's certificate.")
  var insecure = false

  @Option(help: ArgumentHelp("Requests under way at once.", valueName: "count"))
  var concurrency = 4

  @Option(help: ArgumentHelp("Times to repeat a failed request.", valueName: "count"))
  var retries = 5

  @Option(help: "Pause before the first repetition; it doubles with each one.")
  var retryPause = "500ms"

  @Option(help: "Longest time for one answer.")
  var timeout = "2m"

  @Option(help: ArgumentHelp("Most bytes of one answer, decompressed.", valueName: "bytes"))
  var maxResponse = 64 << 20

  @OptionGroup var common: CommonOptions

  /// The server, and how to talk to it.
  func connection() throws -> ServerConnection {
    let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    var connection = ServerConnection(address: try ServerAddress(url), now: now)
    connection.credentials.bearerTokenFile = bearerTokenFile
    connection.credentials.basicAuthFile = basicAuthFile
    connection.credentials.tenant = tenant
    connection.security.authorityFile = caFile
    connection.security.certificateFile = certFile
    connection.security.keyFile = keyFile
    connection.security.verifies = !insecure
    connection.concurrency = concurrency
    connection.retries.attempts = retries.addingReportingOverflow(1).partialValue
    connection.retries.base = .milliseconds(
      try span(retryPause, option: "--retry-pause").milliseconds)
    connection.timeout = .milliseconds(try span(timeout, option: "--timeout").milliseconds)
    connection.answerLimit = maxResponse
    connection.environment = processEnvironment()
    // Clients that fail together must not return together; the process number keeps them apart.
    connection.seed = UInt64(ProcessInfo.processInfo.processIdentifier)
    return connection
  }

  /// The range's ends as they were given.
  func range() throws -> (start: TimeExpression, end: TimeExpression) {
    func expression(_ text: String, _ option: String) throws -> TimeExpression {
      guard let expression = TimeExpression(text) else {
        throw ValidationError(
          "\(option) '\(text)' is no instant such as 2026-01-05T00:00:00Z, -7d or now.")
      }
      return expression
    }
    return (try expression(start, "--start"), try expression(end, "--end"))
  }

  /// A duration given by an option.
  func span(_ text: String, option: String) throws -> TimeSpan {
    guard let span = TimeSpan(text) else {
      throw ValidationError("\(option) '\(text)' is not a duration such as 5m.")
    }
    return span
  }

  /// Prints what came, and what to do with it.
  func report(_ summary: ExportSummary, source: String) {
    let counts = summary.counts.sorted { $0.key < $1.key }
      .map { "\($0.value) \($0.key.replacing("_", with: " "))" }.joined(separator: ", ")
    let old = summary.chunks - summary.fetched
    let notes = summary.notes.map { "note      \($0)\n" }.joined()
    common.print(
      """
      exported  \(counts) from \(summary.start) to \(summary.end)
      chunks    \(summary.chunks) (\(summary.bytes) bytes)\
      \(old > 0 ? ", \(old) already there" : "")
      \(notes)next      autopilot ingest --\(source) \(summary.chunkFolder)

      """,
      json: summary.json())
  }
}
