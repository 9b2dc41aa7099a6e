internal import BenchmarkProcess
internal import LSTM
internal import Storage

/// A forecaster, its batches and what is done with them.
struct LSTMWorkload {
  /// K batches of [T × B × F].
  private let inputs: [[Float]]
  /// K batches of [B × F].
  private let targets: [[Float]]
  private let windowsPerBatch: Int
  private let steps: Int
  private let original: LSTMNetwork
  private let learningRate: Float
  private let threads: Int
  private var trained: LSTMWindows
  private var trainedSteps = 0

  /// Reads weights and batches.
  init(_ arguments: ArraySlice<String>) throws {
    var options: [String: String] = [:]
    var rest = arguments
    while let name = rest.popFirst(), let value = rest.popFirst() { options[name] = value }
    func number(_ name: String) -> Int {
      guard let value = options[name].flatMap({ Int($0) }), value > 0 else {
        fail("\(name) needs a positive number")
      }
      return value
    }
    guard let path = options["--tensors"] else { fail("--tensors needs a file") }
    guard let rate = options["--rate"].flatMap({ Float($0) }), rate > 0 else {
      fail("--rate needs a positive number")
    }
    (learningRate, threads) = (rate, number("--threads"))
    let bundle = try TensorBundle(
      safetensors: FileSystem.readFile(at: path, limit: 1 << 32), source: path)
    guard let sizes = bundle.tensors["inputs"]?.shape, sizes.count == 4,
      let hidden = bundle.tensors["lstm.weight_hh_l0"]?.shape.last
    else { fail("\(path) needs 'inputs' [K × T × B × F] and weights") }
    (steps, windowsPerBatch) = (sizes[1], sizes[2])
    original = try LSTMNetwork(
      decoding: bundle,
      shape: LSTMShape(
        inputs: sizes[3], hidden: hidden, layers: number("--layers"), outputs: sizes[3]))
    inputs = Self.batches(try bundle.floats("inputs", shape: sizes), count: sizes[0])
    targets = Self.batches(
      try bundle.floats("targets", shape: [sizes[0], sizes[2], sizes[3]]), count: sizes[0])
    trained = LSTMWindows(
      original, windows: windowsPerBatch, steps: steps, learningRate: learningRate, threads: threads
    )
  }

  private static func batches(_ values: [Float], count: Int) -> [[Float]] {
    let size = values.count / count
    return (0..<count).map { Array(values[$0 * size..<($0 + 1) * size]) }
  }

  // What is measured, besides streaming: these, through the public calls.

  private mutating func trainStep() -> Double {
    defer { trainedSteps += 1 }
    let batch = trainedSteps % inputs.count
    return trained.trainStep(inputs[batch], targets: targets[batch])
  }

  private mutating func forecast(batch: Int) -> [Float] { trained.forecast(inputs[batch]) }

  /// Does one command's work and returns its answer.
  mutating func run(_ command: String, _ argument: String) throws -> [String: JSONValue] {
    if command == "forecast" {
      try FileSystem.writeFileAtomically(bytes(of: forecast(batch: 0)), to: argument)
      return [:]
    }
    guard let times = Int(argument), times > 0 else { fail("'\(command)' needs a number") }
    switch command {
    case "train":
      return Self.timed { for _ in 0..<times { _ = trainStep() } }
    case "infer":
      return Self.timed {
        for number in 0..<times { _ = forecast(batch: number % inputs.count) }
      }
    case "stream":
      return streamed(calls: times)
    case "losses":
      let losses = (0..<times).map { _ in trainStep() }
      trained = LSTMWindows(
        original, windows: windowsPerBatch, steps: steps, learningRate: learningRate,
        threads: threads)
      trainedSteps = 0
      return ["losses": .array(losses.map(JSONValue.number))]
    case "memory":
      let before = peakMemoryBytes()
      for _ in 0..<times { _ = trainStep() }
      return ["before": .integer(before), "peak": .integer(peakMemoryBytes())]
    default: fail("unknown command '\(command)'")
    }
  }

  private static func timed(_ work: () -> Void) -> [String: JSONValue] {
    let before = Clocks.now
    work()
    let spent = Clocks.now - before
    return ["cpu": .number(spent.cpu), "wall": .number(spent.wall)]
  }

  private func streamed(calls: Int) -> [String: JSONValue] {
    let width = original.shape.inputs
    // The first window of the first batch, over and over.
    let rows = (0..<steps).map { step -> [Float] in
      let begin = step * windowsPerBatch * width
      return Array(inputs[0][begin..<begin + width])
    }
    var stepper = LSTMStepper(original)
    var state = LSTMState(for: original.shape)
    var forecast = [Float](repeating: 0, count: original.shape.outputs)
    var output = forecast.mutableSpan
    var microseconds: [Double] = []
    for call in 0..<calls {
      let row = rows[call % steps]
      let before = Clocks.wallNow
      stepper.step(row.span, state: &state, forecast: &output)
      microseconds.append((Clocks.wallNow - before) * 1e6)
    }
    microseconds.sort()
    return [
      "p50": .number(microseconds[calls / 2]), "p99": .number(microseconds[calls * 99 / 100]),
    ]
  }

  private func bytes(of values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }
}
