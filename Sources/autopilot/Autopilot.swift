internal import ArgumentParser
internal import Diagnostics
internal import Pipeline

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The command line tool.
struct Autopilot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autopilot",
    abstract: "Learns from exported telemetry to see incidents before people do.",
    discussion: """
      `autopilot run config.yaml` does everything; the other commands do one stage each.

      Exit codes: 0 success, 1 the environment failed (disk, lock; try again), 2 regression, \
      3 inconclusive, 4 the data or the configuration is invalid, 5 a digest or an artifact does \
      not match, 64 wrong command line.
      """,
    version: ModelArtifact.programVersion,
    subcommands: [
      RunCommand.self, SimulateCommand.self, ExportCommand.self, IngestCommand.self,
      DatasetCommand.self, InspectCommand.self, FeaturesCommand.self,
      TrainCommand.self, EvaluateCommand.self, BacktestCommand.self, GateCommand.self,
      RetrainCommand.self, RecalibrateCommand.self, VerdictsCommand.self, PublishCommand.self,
      ScoreCommand.self, ReplayCommand.self, ExplainCommand.self, NotebookCommand.self,
      CompareCommand.self,
      TuneCommand.self, RunsCommand.self, ModelCommand.self, RegistryCommand.self,
      ArtifactCommand.self, KeyCommand.self, BenchmarkCommand.self,
    ])
}

@main
enum Main {
  static func main() async {
    do {
      var command = try Autopilot.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any DiagnosedError {
      writeError("autopilot: error: \(error.description)")
      exit(error.kind.rawValue)
    } catch {
      Autopilot.exit(withError: error)
    }
  }
}
