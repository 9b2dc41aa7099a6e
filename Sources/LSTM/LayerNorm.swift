/// Layer normalisation (Ba, Kiros and Hinton 2016), as PyTorch's `nn.LayerNorm` computes it.
///
///     y = gain ⊙ (x - mean) / √(variance + 1e-5) + bias
///
/// Mean and (biased) variance are those of one row.
struct LayerNorm {
  /// Keeps the division finite; PyTorch's default.
  static let epsilon: Float = 1e-5
  /// Numbers n in a row.
  let width: Int

  /// Normalises rows.
  ///
  /// - Parameters:
  ///   - range: Where the rows lie in `inputs`, [rows × n].
  ///   - gain: Where the gain lies in `parameters`, [n]; `bias` likewise.
  ///   - begin: Where the results go in `outputs`, [rows × n].
  ///   - place: Where mean and 1/√(variance + ε) of every row go in `statistics`, [rows × 2].
  func forward(
    _ inputs: [Float], at range: Range<Int>, parameters: [Float], gain: Range<Int>,
    bias: Range<Int>, into outputs: inout [Float], at begin: Int, statistics: inout [Float],
    at place: Int
  ) {
    let x = inputs.span.extracting(range)
    let (gain, bias) = (parameters.span.extracting(gain), parameters.span.extracting(bias))
    var outputs = outputs.mutableSpan
    var statistics = statistics.mutableSpan
    for row in 0..<range.count / width {
      let first = row * width
      let mean = sum { x[first + $0] } / Float(width)
      let variance =
        sum {
          let difference = x[first + $0] - mean
          return difference * difference
        } / Float(width)
      let inverse = 1 / (variance + Self.epsilon).squareRoot()
      for index in 0..<width {
        outputs[begin + first + index] =
          (x[first + index] - mean) * inverse * gain[index] + bias[index]
      }
      (statistics[place + 2 * row], statistics[place + 2 * row + 1]) = (mean, inverse)
    }
  }

  /// Takes gradients back: with u = gain ⊙ dy and x̂ the normalised row,
  ///
  ///     dx = (u - mean(u) - x̂ mean(u ⊙ x̂)) / √(variance + ε),  dgain = Σ dy ⊙ x̂,  dbias = Σ dy
  ///
  /// - Parameters:
  ///   - gradient: dy from its start on, [rows × n]; replaced by dx.
  ///   - gradients: Receives dgain and dbias, where `parameters` holds gain and bias.
  func backward(
    _ gradient: inout [Float], inputs: [Float], at range: Range<Int>, statistics: [Float],
    at place: Int, parameters: [Float], gain: Range<Int>, bias: Range<Int>,
    gradients: inout [Float]
  ) {
    let (x, statistics) = (inputs.span.extracting(range), statistics.span)
    let gains = parameters.span.extracting(gain)
    var dy = gradient.mutableSpan
    var sums = gradients.mutableSpan
    for index in 0..<width {
      sums[gain.lowerBound + index] = 0
      sums[bias.lowerBound + index] = 0
    }
    for row in 0..<range.count / width {
      let first = row * width
      let (mean, inverse) = (statistics[place + 2 * row], statistics[place + 2 * row + 1])
      for index in 0..<width {
        let normalised = (x[first + index] - mean) * inverse
        sums[gain.lowerBound + index] += dy[first + index] * normalised
        sums[bias.lowerBound + index] += dy[first + index]
        dy[first + index] *= gains[index]
      }
      let constant = sum { dy[first + $0] } / Float(width)
      let slope = sum { dy[first + $0] * ((x[first + $0] - mean) * inverse) } / Float(width)
      for index in 0..<width {
        let normalised = (x[first + index] - mean) * inverse
        dy[first + index] = (dy[first + index] - constant - normalised * slope) * inverse
      }
    }
  }

  /// The sum over a row in eight running sums, because a single one would wait for itself at every
  /// addition.
  @inline(__always)
  private func sum(_ element: (Int) -> Float) -> Float {
    var sums = SIMD8<Float>()
    for group in 0..<width / 8 {
      var values = SIMD8<Float>()
      for lane in 0..<8 { values[lane] = element(group * 8 + lane) }
      sums += values
    }
    var result = sums.sum()
    for index in width / 8 * 8..<width { result += element(index) }
    return result
  }
}
