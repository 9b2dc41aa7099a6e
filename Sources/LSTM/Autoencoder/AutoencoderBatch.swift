internal import LinearAlgebra

/// Windows side by side: what the encoder reads and what the decoder should say.
package struct AutoencoderBatch: Sendable {
  /// The rows, in order of time; without targets.
  package var encoder: LSTMBatch
  /// Zeros to read, and the rows as targets in reverse order.
  package var decoder: LSTMBatch

  /// Makes a batch of zeros in which nothing counts; its sizes are also the capacity.
  package init(_ autoencoder: LSTMAutoencoder, lanes: Int, steps: Int) {
    encoder = LSTMBatch(shape: autoencoder.encoder.shape, lanes: lanes, steps: steps)
    decoder = LSTMBatch(shape: autoencoder.decoder.shape, lanes: lanes, steps: steps)
  }

  /// Loads windows of equal length.
  ///
  /// - Precondition: They lie within their sequences and fit.
  package mutating func load(_ windows: ArraySlice<Stretch>, of sequences: [TrainingSequence]) {
    guard let steps = windows.first?.steps else { return }
    encoder.load(windows, of: sequences, from: 0, steps: steps)
    decoder.setSizes(lanes: windows.count, steps: steps)
    for (lane, window) in windows.enumerated() {
      precondition(window.steps == steps, "windows of \(steps) and \(window.steps) rows")
      for step in 0..<steps {
        copyTarget(
          window.start + steps - 1 - step, of: sequences[window.sequence],
          to: step * windows.count + lane)
      }
    }
  }

  private mutating func copyTarget(_ row: Int, of sequence: TrainingSequence, to slot: Int) {
    let (width, wanted) = (encoder.shape.inputs, decoder.shape.outputs)
    let rows = sequence.rows.elements.span
    let flags = sequence.observed.span
    let weight = sequence.rowWeights?[row] ?? 1
    for column in 0..<wanted {
      decoder.targets[slot * wanted + column] = rows[row * width + column]
      decoder.observed[slot * wanted + column] = flags[row * width + column] ? weight : 0
    }
  }

  /// Becomes a copy of some lanes of another batch.
  mutating func copy(lanes: Range<Int>, of whole: AutoencoderBatch) {
    encoder.copy(lanes: lanes, of: whole.encoder)
    decoder.copy(lanes: lanes, of: whole.decoder)
  }
}
