public import LinearAlgebra

/// Reconstructs windows of a series from what an LSTM remembers of them.
///
/// An encoder reads the rows of a window. A decoder of the same size starts from its final state,
/// h and c of every layer, reads zeros and says the rows in reverse order, so that the first thing
/// to say is the last that was read (Srivastava, Mansimov and Salakhutdinov 2015, the unconditioned
/// decoder; Malhotra et al. 2016 for anomalies). What it cannot say well is unlike what it learnt.
public struct LSTMAutoencoder: Hashable, Sendable {
  /// Reads windows; has no head.
  public internal(set) var encoder: LSTMNetwork
  /// Says them again. Its one input is always zero, so `lstm.weight_ih_l0` [4H × 1] has no effect.
  public internal(set) var decoder: LSTMNetwork

  /// Makes an autoencoder of known networks.
  ///
  /// - Precondition: The encoder has no outputs, the decoder one input and the same layers, both
  ///   without normalisation.
  public init(encoder: LSTMNetwork, decoder: LSTMNetwork) {
    let (from, to) = (encoder.shape, decoder.shape)
    precondition(
      Self.shapes(inputs: from.inputs, hidden: to.hidden, layers: to.layers, outputs: to.outputs)
        == (from, to), "an encoder of \(from) and a decoder of \(to)")
    (self.encoder, self.decoder) = (encoder, decoder)
  }

  /// Makes an untrained autoencoder.
  ///
  /// - Parameters:
  ///   - inputs: Numbers F in a row.
  ///   - outputs: Channels O that are reconstructed, the first of a row.
  ///   - hidden: Units H of a layer.
  ///   - layers: Layers of each part.
  ///   - seed: Keys the weights, see `LSTMNetwork.init(shape:seed:)`.
  /// - Precondition: As `LSTMShape` asks, and `outputs` is within 1...inputs.
  public init(inputs: Int, outputs: Int, hidden: Int, layers: Int, seed: UInt64) {
    precondition((1...inputs).contains(outputs), "\(outputs) outputs for rows of \(inputs)")
    let shapes = Self.shapes(inputs: inputs, hidden: hidden, layers: layers, outputs: outputs)
    var generator = Philox(seed: seed, purpose: "lstm autoencoder")
    self.init(
      encoder: LSTMNetwork(shape: shapes.encoder, seed: generator.next()),
      decoder: LSTMNetwork(shape: shapes.decoder, seed: generator.next()))
  }

  private static func shapes(
    inputs: Int, hidden: Int, layers: Int, outputs: Int
  ) -> (encoder: LSTMShape, decoder: LSTMShape) {
    (
      LSTMShape(inputs: inputs, hidden: hidden, layers: layers, outputs: 0),
      LSTMShape(inputs: 1, hidden: hidden, layers: layers, outputs: outputs)
    )
  }

  /// What is left of a window after it went through the memory.
  ///
  /// - Parameter window: Scaled rows in order of time, [T × F]; missing values as 0.
  /// - Returns: [T × O], in order of time.
  /// - Precondition: There is a row, and rows have the encoder's width.
  public func reconstruct(_ window: Matrix) -> Matrix {
    precondition(
      window.rows > 0 && window.columns == encoder.shape.inputs,
      "\(window.rows) rows of \(window.columns) for \(encoder.shape.inputs) inputs")
    let (steps, width) = (window.rows, decoder.shape.outputs)
    var batch = AutoencoderBatch(self, lanes: 1, steps: steps)
    batch.encoder.inputs = window.elements
    var workspace = AutoencoderWorkspace(self, lanes: 1, steps: steps)
    workspace.forward(self, batch)
    let said = workspace.decoder.forecasts
    var result = Matrix(rows: 0, columns: width)
    for step in (0..<steps).reversed() {
      result.append(row: said[step * width..<(step + 1) * width])
    }
    return result
  }
}
