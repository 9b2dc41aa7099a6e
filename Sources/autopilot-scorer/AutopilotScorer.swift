internal import ArgumentParser
internal import Diagnostics
internal import Logging
internal import RemoteRegistry
internal import ScorerConnections
internal import ScorerService

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

internal import Foundation

/// The service in the cluster.
struct AutopilotScorer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autopilot-scorer",
    abstract: "Scores live telemetry with a published model.",
    discussion: """
      Exit codes: 0 ended by a signal, or checked; 1 the environment failed (an address, a disk); \
      4 the configuration is invalid; 5 a key or an artifact is damaged; 64 wrong command line.
      """,
    version: Program.version)

  @Option(help: "The configuration.")
  var config: String

  @Flag(help: "Reads the configuration and every file that it names, and ends.")
  var check = false

  @Option(
    help: "Least severity of log lines: \(levels).",
    transform: { text in
      guard let level = Logger.Level(rawValue: text) else {
        throw ValidationError("There is no level '\(text)'; there are \(levels).")
      }
      return level
    })
  var logLevel = Logger.Level.info

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let configuration = try ScorerConfiguration(readingFile: config, environment: environment)
    var logger = Logger(label: "autopilot-scorer") { _ in JSONLogHandler() }
    logger.logLevel = logLevel
    let connections = try ScorerConnections(
      configuration, environment: environment, logger: logger, isTrial: check)
    let program = try ScorerProgram(
      configuration, stores: RemoteStores.catalogue(environment: environment), logger: logger,
      parts: connections.parts, routes: connections.routes, sinks: connections.sinks)
    if check {
      print("\(config): valid")
      return
    }
    try await program.run()
  }
}

private let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

@main
enum Main {
  static func main() async {
    // A limit on the size of files is an error of the file, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    ScorerProgram.shareThreads()
    do {
      var command = try AutopilotScorer.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any DiagnosedError {
      FileHandle.standardError.write(
        Data("autopilot-scorer: error: \(error.description)\n".utf8))
      exit(error.kind.rawValue)
    } catch {
      AutopilotScorer.exit(withError: error)
    }
  }
}
