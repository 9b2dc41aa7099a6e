package import CLSTMKernels

/// One layer's weights in the order in which the kernels read them, and the layer's passes.
///
/// Products and gate functions run as one: sums never leave the registers before they are
/// activations. Every sum runs over its terms in order with fused multiply-adds, so that results
/// have the same bits on every processor, and a lane's whichever lanes are beside it.
///
/// The only place that hands memory to these C kernels. All arrays are row-major.
package struct PackedLayer: Sendable {
  /// Columns F of what the layer reads.
  package let inputs: Int
  /// Units H.
  package let hidden: Int
  private let path: ap_lstm_path
  private var gateWeights: [Float]
  private var recurrentColumns: [Float] = []
  private var inputColumns: [Float] = []
  private var scratch: [Float] = []

  /// Makes room for a layer's weights; `pack` brings them.
  ///
  /// - Parameter path: How to compute; every choice gives the same bits. Nil for the fastest.
  package init(inputs: Int, hidden: Int, path: ap_lstm_path? = nil) {
    precondition(inputs > 0 && hidden > 0, "\(inputs) inputs of \(hidden) units")
    (self.inputs, self.hidden) = (inputs, hidden)
    self.path = path ?? ap_lstm_best_path()
    precondition(ap_lstm_has_path(self.path) != 0, "this processor lacks path \(self.path)")
    gateWeights = Array(repeating: 0, count: ap_lstm_forward_size(self.path, inputs, hidden))
  }

  /// Takes the weights in from where they lie among a network's parameters.
  package mutating func pack(_ parameters: [Float], _ ranges: LSTMShape.LayerRanges) {
    check(ranges, in: parameters)
    unsafe parameters.withUnsafeBufferPointer { parameters in
      guard let base = parameters.baseAddress else { return }
      unsafe ap_lstm_pack_forward(
        path, inputs, hidden, base + ranges.inputWeights.lowerBound,
        base + ranges.recurrentWeights.lowerBound, base + ranges.inputBias.lowerBound,
        base + ranges.recurrentBias.lowerBound, &gateWeights)
    }
  }

  /// Takes in what gradients pass through, and makes room for taking them back.
  ///
  /// - Parameter passesDown: Whether the gradient with respect to what the layer reads is wanted.
  package mutating func packBackward(
    _ parameters: [Float], _ ranges: LSTMShape.LayerRanges, passesDown: Bool
  ) {
    check(ranges, in: parameters)
    precondition(!passesDown || inputs == hidden, "\(inputs) columns from \(hidden) units")
    resize(&recurrentColumns, to: ap_lstm_columns_size(path, 4 * hidden, hidden))
    resize(&inputColumns, to: passesDown ? ap_lstm_columns_size(path, 4 * hidden, inputs) : 0)
    resize(&scratch, to: ap_lstm_backward_scratch(path, inputs, hidden))
    unsafe parameters.withUnsafeBufferPointer { parameters in
      guard let base = parameters.baseAddress else { return }
      unsafe ap_lstm_pack_columns(
        path, 4 * hidden, hidden, base + ranges.recurrentWeights.lowerBound, &recurrentColumns)
      if passesDown {
        unsafe ap_lstm_pack_columns(
          path, 4 * hidden, inputs, base + ranges.inputWeights.lowerBound, &inputColumns)
      }
    }
  }

  /// Some steps of lanes side by side, and where in their arrays things begin.
  package struct Chunk {
    /// Steps T.
    package var steps: Int
    /// Lanes B.
    package var lanes: Int
    /// Where the rows that the layer reads begin, [T × B × F].
    package var rows: Int
    /// Where outputs and cells of before the first and after every step begin, [(T + 1) × B × H].
    package var state: Int
    /// Where bounded cells begin, [T × B × H]; gates, four times as many, begin at four times that.
    package var place: Int

    /// Names some steps.
    package init(steps: Int, lanes: Int, rows: Int, state: Int, place: Int = 0) {
      (self.steps, self.lanes, self.rows) = (steps, lanes, rows)
      (self.state, self.place) = (state, place)
    }
  }

  /// Advances lanes over some steps and keeps what going back takes.
  ///
  ///     z = b_ih + b_hh + W_ih x + W_hh h
  ///     c' = sigmoid(z_f) c + sigmoid(z_i) tanh(z_g),  h' = sigmoid(z_o) tanh(c')
  ///
  /// - Parameters:
  ///   - rows: What the layer reads; nil when that is among `outputs`.
  ///   - outputs: The first are read, the others written with h'; `cells` alike with c'.
  ///   - gates: Receives i, f, g, o.
  ///   - tanhCells: Receives tanh(c').
  /// - Precondition: `pack` was called, and everything lies inside its array.
  package func forward(
    _ chunk: Chunk, _ rows: [Float]?, outputs: inout [Float], cells: inout [Float],
    gates: inout [Float], tanhCells: inout [Float]
  ) {
    check(chunk, rows?.count ?? outputs.count, outputs: outputs, cells: cells.count)
    check(chunk, gates: gates, tanhCells: tanhCells)
    unsafe ap_lstm_forward(
      path, sizes(chunk), gateWeights, rows, &outputs, &cells, &gates, &tanhCells)
  }

  /// Advances lanes over some steps and keeps outputs alone.
  ///
  /// - Parameter cells: Holds c of before the first step, [B × H], from where the chunk's state
  ///   begins; replaced by that after the last.
  package func forward(
    _ chunk: Chunk, _ rows: [Float]?, outputs: inout [Float], lastCells cells: inout [Float]
  ) {
    check(chunk, rows?.count ?? outputs.count, outputs: outputs, cells: nil)
    precondition(
      chunk.state + chunk.lanes * hidden <= cells.count, "\(cells.count) cells for \(chunk)")
    unsafe ap_lstm_forward(path, sizes(chunk), gateWeights, rows, &outputs, &cells, nil, nil)
  }

  /// Takes the gradient of a loss back through the steps, the last one first.
  ///
  /// - Parameters:
  ///   - rows: What the layer read; nil when that is among `outputs`.
  ///   - outputs: As `forward` left them; `cells` and `tanhCells` too.
  ///   - gates: As `forward` left them; replaced by the gradient with respect to z.
  ///   - outputGradient: [T × B × H], with respect to h' from above; replaced by the gradient with
  ///     respect to what the layer read if `packBackward` was told so.
  ///   - cellGradient: [B × H], with respect to the last c'; replaced by that with respect to the
  ///     first c.
  ///   - firstOutputGradient: Receives the gradient with respect to the first h, [B × H].
  ///   - gradients: Those of all parameters; the layer's are set.
  /// - Precondition: `packBackward` was called, and everything lies inside its array.
  package mutating func backward(
    _ chunk: Chunk, _ rows: [Float]?, outputs: [Float], cells: [Float], tanhCells: [Float],
    gates: inout [Float], outputGradient: inout [Float], cellGradient: inout [Float],
    firstOutputGradient: inout [Float], gradients: inout [Float],
    _ ranges: LSTMShape.LayerRanges
  ) {
    let size = chunk.lanes * hidden
    check(ranges, in: gradients)
    check(chunk, rows?.count ?? outputs.count, outputs: outputs, cells: cells.count)
    check(chunk, gates: gates, tanhCells: tanhCells)
    precondition(
      chunk.lanes > 0 && chunk.steps > 0 && chunk.steps * size <= outputGradient.count
        && size <= cellGradient.count
        && size <= firstOutputGradient.count && !recurrentColumns.isEmpty,
      "\(outputGradient.count) and \(cellGradient.count) gradients for \(chunk)")
    for range in [ranges.inputWeights, ranges.recurrentWeights, ranges.inputBias] {
      for index in range { gradients[index] = 0 }
    }
    let places = ap_lstm_gradients(
      input_weights_at: ranges.inputWeights.lowerBound,
      recurrent_weights_at: ranges.recurrentWeights.lowerBound,
      bias_at: ranges.inputBias.lowerBound)
    unsafe ap_lstm_backward(
      path, sizes(chunk), places, recurrentColumns, inputColumns.isEmpty ? nil : inputColumns,
      rows, outputs, cells, tanhCells, &gates, &outputGradient, &cellGradient,
      &firstOutputGradient, &gradients, &scratch)
    for (from, to) in zip(ranges.inputBias, ranges.recurrentBias) {
      gradients[to] = gradients[from]
    }
  }

  private func sizes(_ chunk: Chunk) -> ap_lstm_chunk {
    ap_lstm_chunk(
      steps: chunk.steps, lanes: chunk.lanes, inputs: inputs, hidden: hidden, rows_at: chunk.rows,
      state_at: chunk.state, place_at: chunk.place)
  }

  private func check(_ chunk: Chunk, _ rows: Int, outputs: [Float], cells: Int?) {
    let states = chunk.state + (chunk.steps + 1) * chunk.lanes * hidden
    precondition(
      min(chunk.steps, chunk.lanes, chunk.rows, chunk.state) >= 0
        && chunk.rows + chunk.steps * chunk.lanes * inputs <= rows && states <= outputs.count
        && states <= cells ?? states,
      "\(chunk) in \(rows) values, \(outputs.count) outputs")
  }

  private func check(_ chunk: Chunk, gates: [Float], tanhCells: [Float]) {
    let end = chunk.place + chunk.steps * chunk.lanes * hidden
    precondition(
      chunk.place >= 0 && 4 * end <= gates.count && end <= tanhCells.count,
      "\(chunk) in \(gates.count) gates, \(tanhCells.count) bounded cells")
  }

  private func check(_ ranges: LSTMShape.LayerRanges, in parameters: [Float]) {
    precondition(
      ranges.inputWeights.count == 4 * hidden * inputs
        && ranges.recurrentWeights.count == 4 * hidden * hidden
        && ranges.inputBias.count == 4 * hidden && ranges.recurrentBias.count == 4 * hidden
        && ranges.inputWeights.lowerBound >= 0
        && ranges.recurrentBias.upperBound <= parameters.count,
      "no layer of \(inputs) inputs and \(hidden) units")
  }
}

private func resize(_ array: inout [Float], to count: Int) {
  if array.count != count { array = Array(repeating: 0, count: count) }
}
