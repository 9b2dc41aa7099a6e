internal import Synchronization

/// Windows of one size, side by side: forecasts what comes after each, or learns from it.
///
/// Every window starts from a zero state, and only the forecast after its last row counts, so that
/// a training step is the same as PyTorch's `nn.LSTM` with a linear head on the last output and
/// Adam. Memory is planned once. Results do not depend on the number of threads.
public struct LSTMWindows {
  /// The network in its present state.
  public private(set) var network: LSTMNetwork
  private let windows: Int
  private let threads: WorkerThreads
  private let shards: LSTMShards
  private let forecasters: [WindowForecaster]
  private var batch: LSTMBatch
  private var optimiser: Adam
  /// Whether the forecasters have the network as it is.
  private var isPacked = false

  /// Makes room for batches of `windows` × `steps` rows.
  ///
  /// - Parameters:
  ///   - learningRate: Adam's step size.
  ///   - threads: Most threads to work on.
  /// - Precondition: Sizes are positive.
  public init(
    _ network: LSTMNetwork, windows: Int, steps: Int, learningRate: Float = 1e-3, threads: Int = 1
  ) {
    (self.network, self.windows) = (network, windows)
    let shape = network.shape
    self.threads = WorkerThreads(threads: threads)
    shards = LSTMShards(
      shape: shape, lanes: windows, steps: steps, headSteps: .last,
      shardLanes: 32, threads: self.threads)
    forecasters = Stretch.groups(of: windows, limit: (windows + threads - 1) / threads).map {
      WindowForecaster(network, lanes: $0)
    }
    batch = LSTMBatch(shape: shape, lanes: windows, steps: steps, headSteps: .last)
    for index in batch.observed.indices { batch.observed[index] = 1 }
    optimiser = Adam(count: shape.parameterCount, learningRate: learningRate)
  }

  /// Forecasts what comes after each window.
  ///
  /// - Parameter inputs: Scaled rows, [steps × windows × F]; missing values as 0.
  /// - Returns: [windows × `shape.headWidth`].
  /// - Precondition: `inputs` has that size.
  public mutating func forecast(_ inputs: [Float]) -> [Float] {
    check(inputs)
    if !isPacked {
      for forecaster in forecasters { forecaster.pack(network) }
      isPacked = true
    }
    let (forecasters, windows) = (forecasters, windows)
    threads.perform(forecasters.count) { forecasters[$0].run(inputs, windows: windows) }
    return forecasters.flatMap(\.forecasts)
  }

  /// Moves the network by one step of Adam.
  ///
  /// - Parameters:
  ///   - inputs: Scaled rows, [steps × windows × F]; missing values as 0.
  ///   - targets: The rows after each window, [windows × `shape.targetWidth`].
  /// - Returns: The mean loss before the step.
  /// - Precondition: Arrays have those sizes.
  public mutating func trainStep(_ inputs: [Float], targets: [Float]) -> Double {
    check(inputs)
    precondition(
      targets.count == batch.targets.count,
      "\(targets.count) targets for \(batch.targets.count) forecasts")
    (batch.inputs, batch.targets) = (inputs, targets)
    shards.reset(lanes: windows)
    let loss = shards.gradients(network, batch)
    optimiser.update(&network.parameters, gradients: shards.gradients, scale: 1)
    isPacked = false
    return loss.mean
  }

  private func check(_ inputs: [Float]) {
    precondition(
      inputs.count == batch.inputs.count,
      "\(inputs.count) inputs for \(batch.steps)×\(windows) rows of \(batch.shape.inputs)")
  }
}

/// Some windows of a batch with the memory that forecasting them takes.
private final class WindowForecaster: Sendable {
  private struct Memory {
    var stepper: LSTMStepper
    var rows: [Float] = []
    var forecasts: [Float]
  }

  private let lanes: Range<Int>
  // Never contended: a lock is how one thread after another may change the memory.
  private let memory: Mutex<Memory>

  init(_ network: LSTMNetwork, lanes: Range<Int>) {
    self.lanes = lanes
    memory = Mutex(
      Memory(
        stepper: LSTMStepper(network),
        forecasts: Array(repeating: 0, count: lanes.count * network.shape.headWidth)))
  }

  var forecasts: [Float] { memory.withLock { $0.forecasts } }

  func pack(_ network: LSTMNetwork) { memory.withLock { $0.stepper = LSTMStepper(network) } }

  func run(_ inputs: [Float], windows: Int) {
    memory.withLock { memory in
      if lanes.count == windows {
        memory.stepper.forecast(windows: windows, inputs, into: &memory.forecasts)
      } else {
        copy(inputs, of: windows, into: &memory.rows, width: memory.stepper.shape.inputs)
        memory.stepper.forecast(windows: lanes.count, memory.rows, into: &memory.forecasts)
      }
    }
  }

  /// Copies the rows of its windows, [T × lanes × F].
  private func copy(
    _ inputs: [Float], of windows: Int, into rows: inout [Float], width: Int
  ) {
    rows.removeAll(keepingCapacity: true)
    for begin in stride(from: 0, to: inputs.count, by: windows * width) {
      rows += inputs[begin + lanes.lowerBound * width..<begin + lanes.upperBound * width]
    }
  }
}
