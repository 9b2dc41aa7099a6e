internal import BenchmarkProcess
internal import Storage

/// Trains and runs LSTM forecasters, one repetition of one kind of work per line on standard input.
///
///     lstm-bench --tensors FILE --layers N --threads N --rate X
///
/// FILE is a safetensors file with weights under PyTorch's names, `inputs` [K × T × B × F] and
/// `targets` [K × B × F], which are K batches. The commands and the JSON line that answers each:
///
/// | command | work | answer |
/// | --- | --- | --- |
/// | `train STEPS` | training steps on the batches in turn | CPU and wall seconds |
/// | `infer BATCHES` | forecasts of the batches in turn | CPU and wall seconds |
/// | `stream CALLS` | single steps of one series, a clock around each call | p50 and p99, µs |
/// | `forecast FILE` | write the forecasts of the first batch, 32-bit floats | – |
/// | `losses STEPS` | train, then start anew from the file's weights | the loss before each step |
/// | `memory STEPS` | train | largest resident size before and after, bytes |
@main
struct LSTMBench {
  static func main() throws {
    var workload = try LSTMWorkload(CommandLine.arguments.dropFirst())
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      let answer = try workload.run(words.first ?? "", words.dropFirst().first ?? "")
      print(JSONValue.object(answer).text())
      flushOutput()
    }
  }
}
