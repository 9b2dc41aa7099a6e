internal import ArgumentParser
internal import Experiments
internal import Exporters
internal import Storage

struct MirrorRunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mirror",
    abstract: "Tell an MLflow server of runs.",
    discussion: """
      A run that the server knows already is not told of again; only its tags are. Credentials come \
      from the environment: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and \
      MLFLOW_TRACKING_PASSWORD.
      """)

  @Argument(help: "Ids of runs; by default all.")
  var runs: [String] = []

  @Option(help: "The server's address, such as http://mlflow:5000.")
  var to: String

  @Option(
    help: "The experiment; by default MLFLOW_EXPERIMENT_NAME of the environment or the run's name.")
  var experiment: String?

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let store = try self.store.open()
    // The oldest first, as the server numbers and sorts them by when they came.
    let found = try runs.isEmpty ? store.runs().reversed() : runs.map { try store.run($0) }
    let summary = try await mirrored(found, to: to, experiment: experiment, common: common)
    common.print(
      "mirrored  \(summary.created) new, \(summary.completed) completed, \(summary.present) there "
        + "already\n",
      json: [
        "created": .integer(summary.created), "completed": .integer(summary.completed),
        "present": .integer(summary.present),
      ])
  }
}
