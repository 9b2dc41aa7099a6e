/// The memory of gradients of an autoencoder.
package struct AutoencoderWorkspace: Sendable {
  /// That of the encoder.
  package var encoder: LSTMWorkspace
  /// That of the decoder.
  package var decoder: LSTMWorkspace

  /// Makes room for batches of up to `lanes` × `steps`.
  package init(_ autoencoder: LSTMAutoencoder, lanes: Int, steps: Int) {
    encoder = LSTMWorkspace(shape: autoencoder.encoder.shape, lanes: lanes, steps: steps)
    decoder = LSTMWorkspace(shape: autoencoder.decoder.shape, lanes: lanes, steps: steps)
    let zeros = [Float](
      repeating: 0, count: lanes * encoder.shape.hidden * encoder.shape.layers)
    encoder.stateGradient = (zeros, zeros)
    decoder.stateGradient = (zeros, zeros)
  }

  /// Reads the windows of a batch and leaves what the decoder says.
  package mutating func forward(_ autoencoder: LSTMAutoencoder, _ batch: AutoencoderBatch) {
    encoder.reset(lanes: batch.encoder.lanes)
    encoder.forward(autoencoder.encoder, batch.encoder)
    decoder.reset(lanes: batch.encoder.lanes)
    for layer in 0..<encoder.shape.layers {
      let from = encoder.stateRange(layer: layer, step: batch.encoder.steps)
      for (source, target) in zip(from, decoder.stateRange(layer: layer, step: 0)) {
        decoder.hiddens[target] = encoder.hiddens[source]
        decoder.cells[target] = encoder.cells[source]
      }
    }
    decoder.forward(autoencoder.decoder, batch.decoder)
  }

  /// The squared error of what the decoder says.
  ///
  /// - Parameter scale: Multiplies the loss before the gradients are taken; nil for none.
  package mutating func run(
    _ autoencoder: LSTMAutoencoder, _ batch: AutoencoderBatch, scale: Float?
  ) -> LossSum {
    forward(autoencoder, batch)
    let loss = decoder.loss(batch.decoder)
    guard let scale else { return loss }
    for index in decoder.stateGradient.cells.indices {
      decoder.stateGradient.outputs[index] = 0
      decoder.stateGradient.cells[index] = 0
    }
    decoder.backward(autoencoder.decoder, batch.decoder, scale: scale)
    for index in decoder.stateGradient.cells.indices {
      encoder.stateGradient.outputs[index] = decoder.stateGradient.outputs[index]
      encoder.stateGradient.cells[index] = decoder.stateGradient.cells[index]
    }
    encoder.backward(autoencoder.encoder, batch.encoder, scale: scale)
    return loss
  }
}

extension LSTMAutoencoder {
  /// The mean squared error of a batch of windows with its gradients.
  package func gradients(
    of batch: AutoencoderBatch
  ) -> (loss: Double, encoder: [Float], decoder: [Float]) {
    var workspace = AutoencoderWorkspace(
      self, lanes: batch.encoder.lanes, steps: batch.encoder.steps)
    let loss = workspace.run(self, batch, scale: Float(1 / max(1, batch.decoder.weight)))
    return (loss.mean, workspace.encoder.gradients, workspace.decoder.gradients)
  }
}
