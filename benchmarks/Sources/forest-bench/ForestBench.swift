internal import BenchmarkProcess
internal import Storage

/// Grows and scores isolation forests, one repetition of one kind of work per line on standard input.
///
///     forest-bench --rows FILE --columns N --trees N --subsample N
///
/// FILE holds rows of little-endian 32-bit floats. The commands and the JSON line that answers each:
///
/// | command | work | answer |
/// | --- | --- | --- |
/// | `fit` | grow a forest, which the others then use | CPU and wall seconds |
/// | `prepare` | compile it for scoring | CPU and wall seconds |
/// | `score THREADS` | score all rows | CPU and wall seconds |
/// | `single CALLS` | score rows one at a time, a clock around each call | p50 and p99, microseconds |
/// | `check STRIDE` | compare every STRIDE-th row with the plain walk, bit for bit | rows, differences |
/// | `tile COUNT` | from now on score as many rows, the file's over and over | rows |
/// | `save FILE` | write the model | bytes |
/// | `dump FILE` | write the last scores of all rows, 32-bit floats | rows |
@main
struct ForestBench {
  static func main() async throws {
    var workload = try ForestWorkload(CommandLine.arguments.dropFirst())
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      let answer = try await workload.run(words.first ?? "", words.dropFirst().first ?? "")
      print(JSONValue.object(answer.mapValues { .number($0) }).text())
      flushOutput()
    }
  }
}
