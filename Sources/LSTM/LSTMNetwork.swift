internal import LinearAlgebra

/// A stacked LSTM with a linear head that forecasts the next row, or the next few.
///
///     z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh,  layer by layer
///     c_t = sigmoid(z_f) c_{t-1} + sigmoid(z_i) tanh(z_g),  h_t = sigmoid(z_o) tanh(c_t)
///     y_t = W_head h_t + b_head,  the forecast of row t + 1
///
/// With layer normalisation the next layer, and the head, read `LayerNorm` of h_t in place of h_t.
///
/// Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000).
/// Weights have PyTorch's layout and names, see `LSTMShape.tensors`.
public struct LSTMNetwork: Hashable, Sendable {
  /// The sizes.
  public let shape: LSTMShape
  /// All weights, array after array as `LSTMShape.tensors` lists them.
  public internal(set) var parameters: [Float]

  /// Makes a network of known parameters.
  ///
  /// - Precondition: `parameters.count == shape.parameterCount`.
  public init(shape: LSTMShape, parameters: [Float]) {
    precondition(
      parameters.count == shape.parameterCount,
      "\(parameters.count) parameters for \(shape.parameterCount) places")
    (self.shape, self.parameters) = (shape, parameters)
  }

  /// Makes an untrained network.
  ///
  /// Every weight is uniform within ±1/√H, PyTorch's rule. One is added to the forget gates' part
  /// of `bias_ih`, so that cells remember from the start (Jozefowicz, Zaremba and Sutskever 2015).
  /// Each array has a random stream of its own. Normalisation starts with gain 1 and bias 0.
  public init(shape: LSTMShape, seed: UInt64) {
    var parameters: [Float] = []
    parameters.reserveCapacity(shape.parameterCount)
    let bound = 1 / Float(shape.hidden).squareRoot()
    for (index, tensor) in shape.tensors.enumerated() {
      var generator = Philox(seed: seed, purpose: "lstm weights", index: index)
      for _ in tensor.range { parameters.append((2 * generator.uniformFloat() - 1) * bound) }
    }
    for layer in 0..<shape.layers {
      let bias = shape.layerRanges(layer).inputBias.lowerBound
      for index in bias + shape.hidden..<bias + 2 * shape.hidden { parameters[index] += 1 }
      guard shape.layerNorm else { continue }
      let norm = shape.normRanges(layer)
      for index in norm.gain { parameters[index] = 1 }
      for index in norm.bias { parameters[index] = 0 }
    }
    self.init(shape: shape, parameters: parameters)
  }

  /// The elements of one array, such as `head.bias`; nil when there is none of that name.
  public subscript(tensor name: String) -> [Float]? {
    shape.tensors.first { $0.name == name }.map { Array(parameters[$0.range]) }
  }
}
