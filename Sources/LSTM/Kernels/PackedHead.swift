package import CLSTMKernels

/// The linear head's weights in the order in which the kernels read them, and its passes.
///
/// With `PackedLayer` the only place that hands memory to these C kernels. Sums run over their
/// terms in order, as there.
package struct PackedHead: Sendable {
  /// Units H that it reads.
  package let hidden: Int
  /// Numbers W that it computes.
  package let width: Int
  private let path: ap_lstm_path
  private var transposed: [Float]
  private var toForecasts: [Float]
  private var toUnits: [Float] = []
  private var scratch: [Float] = []

  /// Makes room for weights [W × H]; `pack` brings them.
  ///
  /// - Parameter path: How to compute; every choice gives the same bits. Nil for the fastest.
  package init(hidden: Int, width: Int, path: ap_lstm_path? = nil) {
    precondition(hidden > 0 && width > 0, "\(width) forecasts from \(hidden) units")
    (self.hidden, self.width) = (hidden, width)
    self.path = path ?? ap_lstm_best_path()
    precondition(ap_lstm_has_path(self.path) != 0, "this processor lacks path \(self.path)")
    transposed = Array(repeating: 0, count: hidden * width)
    toForecasts = Array(repeating: 0, count: ap_lstm_columns_size(self.path, hidden, width))
  }

  /// Takes the weights in from where they lie among a network's parameters.
  package mutating func pack(_ parameters: [Float], _ weights: Range<Int>) {
    precondition(
      weights.count == width * hidden && weights.lowerBound >= 0
        && weights.upperBound <= parameters.count,
      "weights at \(weights) for \(width)×\(hidden)")
    for unit in 0..<hidden {
      for output in 0..<width {
        transposed[unit * width + output] = parameters[weights.lowerBound + output * hidden + unit]
      }
    }
    unsafe ap_lstm_pack_columns(path, hidden, width, transposed, &toForecasts)
  }

  /// Takes in what gradients pass through, and makes room for taking them back.
  package mutating func packBackward(_ parameters: [Float], _ weights: Range<Int>) {
    precondition(
      weights.count == width * hidden && weights.lowerBound >= 0
        && weights.upperBound <= parameters.count,
      "weights at \(weights) for \(width)×\(hidden)")
    let size = ap_lstm_columns_size(path, width, hidden)
    if toUnits.count != size {
      toUnits = Array(repeating: 0, count: size)
      scratch = Array(repeating: 0, count: ap_lstm_outer_scratch(path, hidden))
    }
    unsafe parameters.withUnsafeBufferPointer { parameters in
      guard let base = parameters.baseAddress else { return }
      unsafe ap_lstm_pack_columns(path, width, hidden, base + weights.lowerBound, &toUnits)
    }
  }

  /// forecasts = h Wᵀ + b.
  ///
  /// - Parameters:
  ///   - rows: Rows n of h.
  ///   - top: h, [n × H], from `begin` on.
  ///   - bias: Where b lies among the parameters, [W].
  ///   - forecasts: Receives [n × W].
  package func forward(
    rows: Int, _ top: [Float], at begin: Int, _ parameters: [Float], bias: Range<Int>,
    into forecasts: inout [Float]
  ) {
    precondition(
      rows >= 0 && begin >= 0 && begin + rows * hidden <= top.count && bias.count == width
        && bias.upperBound <= parameters.count && rows * width <= forecasts.count,
      "\(rows) rows at \(begin) of \(top.count), \(forecasts.count) forecasts")
    for row in 0..<rows {
      for output in 0..<width {
        forecasts[row * width + output] = parameters[bias.lowerBound + output]
      }
    }
    unsafe top.withUnsafeBufferPointer { top in
      guard let top = top.baseAddress else { return }
      unsafe ap_lstm_product(path, rows, hidden, width, top + begin, toForecasts, 1, &forecasts)
    }
  }

  /// Where `backward` reads and writes.
  package struct Places {
    /// h, [n × H].
    package var top: Int
    /// W and b among the gradients.
    package var weights, bias: Range<Int>
    /// The gradient with respect to h, [n × H].
    package var hidden: Int

    /// Names the places.
    package init(top: Int, weights: Range<Int>, bias: Range<Int>, hidden: Int) {
      (self.top, self.weights, self.bias, self.hidden) = (top, weights, bias, hidden)
    }
  }

  /// With E the gradient with respect to the forecasts, dW = Eᵀ h, db = Σ E and dh = E W.
  ///
  /// - Parameters:
  ///   - errors: E, [n × W], from its start on.
  ///   - top: As in `forward`.
  ///   - gradients: Those of all parameters; the head's are set.
  ///   - hiddenGradient: Receives dh.
  /// - Precondition: `packBackward` was called, and everything lies inside its array.
  package mutating func backward(
    rows: Int, _ errors: [Float], _ top: [Float], gradients: inout [Float],
    hiddenGradient: inout [Float], _ places: Places
  ) {
    precondition(
      rows >= 0 && rows * width <= errors.count && places.top >= 0
        && places.top + rows * hidden <= top.count && places.weights.count == width * hidden
        && places.bias.count == width
        && max(places.weights.upperBound, places.bias.upperBound) <= gradients.count
        && places.hidden >= 0 && places.hidden + rows * hidden <= hiddenGradient.count
        && !toUnits.isEmpty,
      "\(rows) rows of \(width) errors, \(places)")
    for range in [places.weights, places.bias] { for index in range { gradients[index] = 0 } }
    let (path, hidden, width) = (path, hidden, width)
    unsafe hiddenGradient.withUnsafeMutableBufferPointer { hiddenGradient in
      guard let base = hiddenGradient.baseAddress else { return }
      unsafe ap_lstm_product(
        path, rows, width, hidden, errors, toUnits, 0, base + places.hidden)
    }
    unsafe gradients.withUnsafeMutableBufferPointer { gradients in
      unsafe top.withUnsafeBufferPointer { top in
        guard let gradients = gradients.baseAddress, let top = top.baseAddress else { return }
        unsafe ap_lstm_outer_product(
          path, rows, width, hidden, errors, top + places.top,
          gradients + places.weights.lowerBound, gradients + places.bias.lowerBound, &scratch)
      }
    }
  }
}
