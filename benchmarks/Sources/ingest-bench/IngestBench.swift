internal import BenchmarkProcess
internal import Storage

/// Runs one workload again and again and prints a JSON line per repetition.
///
///     ingest-bench <workload> --data DIR --repeat N [--step] [--dump FILE]
///
/// A line holds the CPU and wall seconds of the repetition and facts about the result, which are
/// found outside of the measured time, as is the release of the result's memory. With `--step`
/// each repetition waits for a line on standard input, so that a caller can run ours and others in
/// turn. `--dump` writes the last result for a comparison byte for byte.
@main
struct IngestBench {
  static func main() throws {
    let arguments = Arguments(CommandLine.arguments)
    switch arguments.workload {
    case "prom": try run(PrometheusWorkload.self, arguments)
    case "csv": try run(CSVWorkload.self, arguments)
    case "loki": try run(LokiAnswerWorkload.self, arguments)
    case "loki-lines": try run(LokiLinesWorkload.self, arguments)
    case "log": try run(LogTemplateWorkload.self, arguments)
    case "features": try run(FeaturesWorkload.self, arguments)
    default: fail("name a workload: prom, csv, loki, loki-lines, log or features")
    }
  }

  private static func run<W: Workload>(_ type: W.Type, _ arguments: Arguments) throws {
    let workload = try type.init(data: arguments.data)
    for repetition in 1...arguments.repetitions {
      if arguments.waits, readLine() == nil { return }
      let before = Clocks.now
      let result = try workload.run()
      let spent = Clocks.now - before
      let line: JSONValue = [
        "cpu": .number(spent.cpu), "wall": .number(spent.wall),
        "facts": .object(workload.facts(of: result).mapValues { .number($0) }),
      ]
      print(line.text())
      flushOutput()
      if repetition == arguments.repetitions, let path = arguments.dump {
        try FileSystem.writeFileAtomically(workload.dump(of: result), to: path)
      }
    }
  }
}
