/// The sizes of an LSTM forecaster.
public struct LSTMShape: Hashable, Sendable {
  /// Numbers F in an input row.
  public let inputs: Int
  /// Units H in each layer.
  public let hidden: Int
  /// Stacked layers, 1...4.
  public let layers: Int
  /// Numbers O that are forecast at every step.
  public let outputs: Int

  /// Layers that may be stacked; more never helped a forecaster of this kind and train badly.
  public static let layerRange = 1...4

  /// Makes a shape.
  ///
  /// - Precondition: Sizes are positive and `layers` is within `layerRange`.
  public init(inputs: Int, hidden: Int, layers: Int, outputs: Int) {
    precondition(
      inputs > 0 && hidden > 0 && outputs > 0 && Self.layerRange.contains(layers),
      "\(inputs) inputs, \(layers) layers of \(hidden) units, \(outputs) outputs")
    (self.inputs, self.hidden) = (inputs, hidden)
    (self.layers, self.outputs) = (layers, outputs)
  }

  /// A named array among the parameters.
  public struct Tensor: Hashable, Sendable {
    /// PyTorch's name, such as `lstm.weight_ih_l0`.
    public let name: String
    /// Sizes, outermost first.
    public let shape: [Int]
    /// Its place in the parameters.
    public let range: Range<Int>
  }

  /// Every array in the order in which the parameters hold them.
  ///
  /// Names and shapes are those of PyTorch's `nn.LSTM` in a field `lstm` and `nn.Linear` in a field
  /// `head`: `lstm.weight_ih_l{k}` [4H × in], `lstm.weight_hh_l{k}` [4H × H], `lstm.bias_ih_l{k}`
  /// and `lstm.bias_hh_l{k}` [4H] for every layer k, with gates in the order i, f, g, o; then
  /// `head.weight` [O × H] and `head.bias` [O].
  public var tensors: [Tensor] {
    var result: [Tensor] = []
    for layer in 0..<layers {
      let ranges = layerRanges(layer)
      result += [
        Tensor(
          name: "lstm.weight_ih_l\(layer)", shape: [4 * hidden, inputs(ofLayer: layer)],
          range: ranges.inputWeights),
        Tensor(
          name: "lstm.weight_hh_l\(layer)", shape: [4 * hidden, hidden],
          range: ranges.recurrentWeights),
        Tensor(
          name: "lstm.bias_ih_l\(layer)", shape: [4 * hidden], range: ranges.inputBias),
        Tensor(
          name: "lstm.bias_hh_l\(layer)", shape: [4 * hidden], range: ranges.recurrentBias),
      ]
    }
    result.append(Tensor(name: "head.weight", shape: [outputs, hidden], range: headWeights))
    result.append(Tensor(name: "head.bias", shape: [outputs], range: headBias))
    return result
  }

  /// The number of parameters in all.
  public var parameterCount: Int { headBias.upperBound }

  /// Where the arrays of one layer are.
  struct LayerRanges {
    let inputWeights: Range<Int>
    let recurrentWeights: Range<Int>
    let inputBias: Range<Int>
    let recurrentBias: Range<Int>
  }

  func inputs(ofLayer layer: Int) -> Int { layer == 0 ? inputs : hidden }

  func layerRanges(_ layer: Int) -> LayerRanges {
    let gates = 4 * hidden
    let begin = start(ofLayer: layer)
    let recurrent = begin + gates * inputs(ofLayer: layer)
    let bias = recurrent + gates * hidden
    return LayerRanges(
      inputWeights: begin..<recurrent, recurrentWeights: recurrent..<bias,
      inputBias: bias..<bias + gates, recurrentBias: bias + gates..<bias + 2 * gates)
  }

  var headWeights: Range<Int> {
    let begin = start(ofLayer: layers)
    return begin..<begin + outputs * hidden
  }

  var headBias: Range<Int> {
    let begin = headWeights.upperBound
    return begin..<begin + outputs
  }

  private func start(ofLayer layer: Int) -> Int {
    guard layer > 0 else { return 0 }
    return 4 * hidden * (inputs + hidden + 2) + (layer - 1) * 4 * hidden * (2 * hidden + 2)
  }
}
