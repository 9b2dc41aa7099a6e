public import Storage

extension LSTMAutoencoder {
  /// Adds the weights to a bundle under PyTorch's names behind `encoder.` and `decoder.`.
  public func encode(into bundle: inout TensorBundle, prefix: String = "") {
    encoder.encode(into: &bundle, prefix: prefix + "encoder.")
    decoder.encode(into: &bundle, prefix: prefix + "decoder.")
  }

  /// Reads the weights that `encode(into:prefix:)` wrote.
  ///
  /// - Throws: As `LSTMNetwork.init(decoding:prefix:shape:)`.
  /// - Precondition: As `init(inputs:outputs:hidden:layers:seed:)`.
  public init(
    decoding bundle: TensorBundle, prefix: String = "", inputs: Int, outputs: Int, hidden: Int,
    layers: Int
  ) throws {
    let fresh = LSTMAutoencoder(
      inputs: inputs, outputs: outputs, hidden: hidden, layers: layers, seed: 0)
    self.init(
      encoder: try LSTMNetwork(
        decoding: bundle, prefix: prefix + "encoder.", shape: fresh.encoder.shape),
      decoder: try LSTMNetwork(
        decoding: bundle, prefix: prefix + "decoder.", shape: fresh.decoder.shape))
  }
}
