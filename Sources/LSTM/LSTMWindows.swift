/// Windows of one size, side by side: forecasts the row after each, or learns from it.
///
/// Every window starts from a zero state, and only the forecast after its last row counts, so that
/// a training step is the same as PyTorch's `nn.LSTM` with a linear head on the last output, the
/// mean squared error and Adam. Memory is planned once; no step allocates any.
public struct LSTMWindows: Sendable {
  /// The network in its present state.
  public private(set) var network: LSTMNetwork
  private var workspace: LSTMWorkspace
  private var batch: LSTMBatch
  private var optimiser: Adam

  /// Makes room for batches of `windows` × `steps` rows.
  ///
  /// - Parameter learningRate: Adam's step size.
  /// - Precondition: Sizes are positive.
  public init(_ network: LSTMNetwork, windows: Int, steps: Int, learningRate: Float = 1e-3) {
    self.network = network
    let shape = network.shape
    workspace = LSTMWorkspace(shape: shape, lanes: windows, steps: steps)
    batch = LSTMBatch(shape: shape, lanes: windows, steps: steps)
    optimiser = Adam(count: shape.parameterCount, learningRate: learningRate)
    for index in (steps - 1) * windows * shape.outputs..<batch.observed.count {
      batch.observed[index] = 1
    }
  }

  /// Forecasts the row after each window.
  ///
  /// - Parameter inputs: Scaled rows, [steps × windows × F]; missing values as 0.
  /// - Returns: [windows × O].
  /// - Precondition: `inputs` has that size.
  public mutating func forecast(_ inputs: [Float]) -> [Float] {
    run(inputs)
    return Array(workspace.forecasts.suffix(batch.lanes * batch.shape.outputs))
  }

  /// Moves the network by one step of Adam.
  ///
  /// - Parameters:
  ///   - inputs: Scaled rows, [steps × windows × F]; missing values as 0.
  ///   - targets: The row after each window, [windows × O].
  /// - Returns: The mean squared error before the step, in the unit of the rows squared.
  /// - Precondition: Arrays have those sizes.
  public mutating func trainStep(_ inputs: [Float], targets: [Float]) -> Double {
    let count = batch.lanes * batch.shape.outputs
    precondition(targets.count == count, "\(targets.count) targets for \(count) forecasts")
    let begin = batch.targets.count - count
    for index in targets.indices { batch.targets[begin + index] = targets[index] }
    run(inputs)
    let loss = workspace.squaredError(batch) / Double(count)
    workspace.backward(network, batch, scale: 2 / Float(count))
    optimiser.update(&network.parameters, gradients: workspace.gradients, scale: 1)
    return loss
  }

  private mutating func run(_ inputs: [Float]) {
    precondition(
      inputs.count == batch.inputs.count,
      "\(inputs.count) inputs for \(batch.steps)×\(batch.lanes) rows of \(batch.shape.inputs)")
    batch.inputs = inputs
    workspace.reset(lanes: batch.lanes)
    workspace.forward(network, batch)
  }
}
