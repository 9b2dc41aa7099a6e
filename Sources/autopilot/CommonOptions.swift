internal import ArgumentParser
internal import Diagnostics
internal import Foundation
internal import Storage

/// The form of results on standard output.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text
  case json
}

/// Options that every command takes.
struct CommonOptions: ParsableArguments {
  @Option(help: "Form of the result: text or json.")
  var output: OutputFormat = .text

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "Services worked on at once; results do not depend on it.", valueName: "count"))
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
    }
  }

  /// Does long work with progress, then clears the progress line.
  func withProgress<Result>(
    _ work: (@escaping ProgressSink) async throws -> Result
  ) async throws -> Result {
    try await withProgressAndLines { progress, _ in try await work(progress) }
  }

  /// The same for work that also has lines to say, whole and at once.
  func withProgressAndLines<Result>(
    _ work: (@escaping ProgressSink, @escaping @Sendable (String) -> Void) async throws -> Result
  ) async throws -> Result {
    let printer = ProgressPrinter()
    defer { printer.finish() }
    let says = !quiet
    return try await work(printer.sink(quiet: quiet)) { if says { printer.say($0) } }
  }

  /// Prints a result in the form asked for.
  func print(_ text: @autoclosure () -> String, json: @autoclosure () -> JSONValue) {
    switch output {
    case .text: writeOutput(text())
    case .json: writeOutput(json().text(indented: true))
    }
  }
}

/// The environment that `${NAME}` in configurations is taken from.
func processEnvironment() -> [String: String] { ProcessInfo.processInfo.environment }
