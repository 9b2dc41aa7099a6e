internal import ArgumentParser
internal import Diagnostics
internal import Simulation
internal import Storage
internal import Telemetry

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Write the exports of a simulated microservice system with labelled incidents.",
    discussion: """
      Writes metrics.json.gz (Prometheus range query), logs.jsonl.gz (Loki JSON lines) and \
      incidents.csv. The same options give the same content, byte for byte.
      """)

  @Option(help: "Folder to write to.")
  var out: String

  @Option(help: "Start of all randomness.")
  var seed: UInt64 = SimulationConfiguration().seed

  @Option(help: "Days to simulate.")
  var days: Int = SimulationConfiguration().days

  @Option(help: "Time between samples, such as 5m.")
  var interval: String = SimulationConfiguration().interval.description

  @Option(help: "First instant, RFC 3339.")
  var start: String = SimulationConfiguration().start.description

  @Flag(help: "Write plain files instead of gzip.")
  var plain = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    guard let interval = TimeSpan(interval) else {
      throw ValidationError("--interval '\(interval)' is not a duration such as 5m.")
    }
    guard let start = Timestamp(rfc3339: start) else {
      throw ValidationError("--start '\(start)' is not an instant such as 2026-01-05T00:00:00Z.")
    }
    let simulation = try Simulation(
      SimulationConfiguration(seed: seed, start: start, days: days, interval: interval))
    let export = try await common.withProgress { simulation.run(progress: $0) }
    try FileSystem.createDirectories(at: out)
    let suffix = plain ? "" : ".gz"
    let files: [(name: String, bytes: [UInt8])] = [
      ("metrics.json\(suffix)", plain ? export.metrics : Gzip.compress(export.metrics)),
      ("logs.jsonl\(suffix)", plain ? export.logs : Gzip.compress(export.logs)),
      ("incidents.csv", export.incidents),
    ]
    for file in files { try FileSystem.writeFileAtomically(file.bytes, to: "\(out)/\(file.name)") }
    common.print(
      files.map { "\(out)/\($0.name)  \($0.bytes.count) bytes\n" }.joined(),
      json: .object(
        Dictionary(
          files.map { ($0.name, .integer($0.bytes.count)) }, uniquingKeysWith: { first, _ in first }
        )
      ))
  }
}
