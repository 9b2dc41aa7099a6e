/// The sizes of an LSTM forecaster.
public struct LSTMShape: Hashable, Sendable {
  /// Numbers F in an input row.
  public let inputs: Int
  /// Units H in each layer.
  public let hidden: Int
  /// Stacked layers, 1...4.
  public let layers: Int
  /// Channels O that are forecast, the first of a row; 0 for an encoder, which has no head.
  public let outputs: Int
  /// Steps ahead A that are forecast: the next row alone, or the next A rows.
  public let horizon: Int
  /// Which quantiles Q of each value are forecast, ascending within (0, 1), 0.5 among them; empty
  /// for a point forecast.
  public let quantiles: [Float]
  /// Whether each layer's outputs are normalised on their way up (Ba, Kiros and Hinton 2016).
  public let layerNorm: Bool

  /// Layers that may be stacked; more never helped a forecaster of this kind and train badly.
  public static let layerRange = 1...4

  /// Makes a shape.
  ///
  /// - Precondition: Sizes are positive (outputs not negative), `layers` is within `layerRange`, and
  ///   `quantiles` are as `areValid(quantiles:)` asks.
  public init(
    inputs: Int, hidden: Int, layers: Int, outputs: Int, horizon: Int = 1,
    quantiles: [Float] = [], layerNorm: Bool = false
  ) {
    precondition(
      inputs > 0 && hidden > 0 && outputs >= 0 && horizon > 0 && Self.layerRange.contains(layers),
      """
      \(inputs) inputs, \(layers) layers of \(hidden) units, \(outputs) outputs, \(horizon) steps \
      ahead
      """)
    precondition(Self.areValid(quantiles: quantiles), "quantiles \(quantiles)")
    (self.inputs, self.hidden) = (inputs, hidden)
    (self.layers, self.outputs) = (layers, outputs)
    (self.horizon, self.quantiles, self.layerNorm) = (horizon, quantiles, layerNorm)
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
  /// `head.weight` [`headWidth` × H] and `head.bias` [`headWidth`], unless there are no outputs; and
  /// with `layerNorm` those of `nn.LayerNorm`, `norm_l{k}.weight` and `norm_l{k}.bias` [H].
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
    if outputs > 0 {
      result.append(Tensor(name: "head.weight", shape: [headWidth, hidden], range: headWeights))
      result.append(Tensor(name: "head.bias", shape: [headWidth], range: headBias))
    }
    guard layerNorm else { return result }
    for layer in 0..<layers {
      let ranges = normRanges(layer)
      result += [
        Tensor(name: "norm_l\(layer).weight", shape: [hidden], range: ranges.gain),
        Tensor(name: "norm_l\(layer).bias", shape: [hidden], range: ranges.bias),
      ]
    }
    return result
  }

  /// The number of parameters in all.
  public var parameterCount: Int {
    headBias.upperBound + (layerNorm ? 2 * layers * hidden : 0)
  }

  /// Where the arrays of one layer are.
  package struct LayerRanges {
    package let inputWeights: Range<Int>
    package let recurrentWeights: Range<Int>
    package let inputBias: Range<Int>
    package let recurrentBias: Range<Int>
  }

  func inputs(ofLayer layer: Int) -> Int { layer == 0 ? inputs : hidden }

  package func layerRanges(_ layer: Int) -> LayerRanges {
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
    return begin..<begin + headWidth * hidden
  }

  var headBias: Range<Int> {
    let begin = headWeights.upperBound
    return begin..<begin + headWidth
  }

  /// Where gain and bias of a layer's normalisation are.
  func normRanges(_ layer: Int) -> (gain: Range<Int>, bias: Range<Int>) {
    let gain = headBias.upperBound + 2 * layer * hidden
    return (gain..<gain + hidden, gain + hidden..<gain + 2 * hidden)
  }

  private func start(ofLayer layer: Int) -> Int {
    guard layer > 0 else { return 0 }
    return 4 * hidden * (inputs + hidden + 2) + (layer - 1) * 4 * hidden * (2 * hidden + 2)
  }
}
