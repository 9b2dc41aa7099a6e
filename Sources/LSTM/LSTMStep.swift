internal import CVectorMath

/// The elementwise part of one LSTM time step, for a batch of lanes.
///
/// Arrays hold slots of one step each, so that the steps of a chunk lie one after another; the
/// methods take slot numbers. This is the only place that hands memory to the C kernels.
package struct LSTMStep {
  /// Lanes B.
  package let lanes: Int
  /// Units H per lane.
  package let hidden: Int

  /// Makes a step of a shape.
  package init(lanes: Int, hidden: Int) {
    precondition(lanes >= 0 && hidden >= 0, "\(lanes) lanes of \(hidden) units")
    (self.lanes, self.hidden) = (lanes, hidden)
  }

  /// Advances every lane by one step.
  ///
  ///     i, f, o = sigmoid(z),  g = tanh(z),  z = gates + biases
  ///     c' = f c + i g,  h' = o tanh(c')
  ///
  /// - Parameters:
  ///   - gates: Slots of [B × 4H] in the order i, f, g, o; slot `slot` is replaced by activations.
  ///   - slot: The slot in `gates` and `tanhCells`.
  ///   - parameters: Holds two biases, each [4H].
  ///   - biases: Where the bias of the inputs and that of the recurrence begin in `parameters`.
  ///   - cells: Slots of [B × H]; reads `before`, writes `after`, which may be the same slot.
  ///   - tanhCells: Slots of [B × H]; receives tanh(c').
  ///   - outputs: Slots of [B × H]; slot `after` receives h'.
  /// - Precondition: Every slot lies inside its array.
  package func forward(
    gates: inout [Float], slot: Int, parameters: [Float], biases: (input: Int, recurrent: Int),
    cells: inout [Float], before: Int, after: Int, tanhCells: inout [Float], outputs: inout [Float]
  ) {
    let size = lanes * hidden
    precondition(
      slot >= 0 && before >= 0 && after >= 0 && gates.count >= (slot + 1) * 4 * size
        && tanhCells.count >= (slot + 1) * size && cells.count >= (max(before, after) + 1) * size
        && outputs.count >= (after + 1) * size && min(biases.input, biases.recurrent) >= 0
        && max(biases.input, biases.recurrent) + 4 * hidden <= parameters.count,
      """
      slots \(slot), \(before), \(after) of \(lanes)×\(hidden) in \(gates.count) gates, \
      \(cells.count) cells, \(tanhCells.count) bounded cells, \(outputs.count) outputs, \
      biases \(biases) in \(parameters.count)
      """)
    guard size > 0 else { return }
    unsafe gates.withUnsafeMutableBufferPointer { gates in
      unsafe cells.withUnsafeMutableBufferPointer { cells in
        unsafe tanhCells.withUnsafeMutableBufferPointer { tanhCells in
          unsafe outputs.withUnsafeMutableBufferPointer { outputs in
            unsafe parameters.withUnsafeBufferPointer { parameters in
              guard let gates = gates.baseAddress, let cells = cells.baseAddress,
                let tanhCells = tanhCells.baseAddress, let outputs = outputs.baseAddress,
                let parameters = parameters.baseAddress
              else { return }
              unsafe ap_lstm_forward(
                lanes, hidden, gates + slot * 4 * size, parameters + biases.input,
                parameters + biases.recurrent, cells + before * size, cells + after * size,
                tanhCells + slot * size, outputs + after * size)
            }
          }
        }
      }
    }
  }

  /// Takes the gradient of a loss back through one step of every lane.
  ///
  /// - Parameters:
  ///   - gates: Slots of [B × 4H]; the activations in slot `slot` are replaced by the gradient with
  ///     respect to the pre-activations z.
  ///   - slot: The slot in `gates` and `tanhCells`.
  ///   - tanhCells: As the forward step left them.
  ///   - cells: Slots of [B × H]; `before` is the slot that the forward step read.
  ///   - outputGradient: Slots of [B × H]; slot `gradientSlot` is with respect to h'.
  ///   - cellGradient: [B × H], with respect to c'; replaced by the one with respect to c.
  /// - Precondition: Every slot lies inside its array.
  package func backward(
    gates: inout [Float], slot: Int, tanhCells: [Float], cells: [Float], before: Int,
    outputGradient: [Float], gradientSlot: Int, cellGradient: inout [Float]
  ) {
    let size = lanes * hidden
    precondition(
      slot >= 0 && before >= 0 && gradientSlot >= 0 && gates.count >= (slot + 1) * 4 * size
        && tanhCells.count >= (slot + 1) * size && cells.count >= (before + 1) * size
        && outputGradient.count >= (gradientSlot + 1) * size && cellGradient.count >= size,
      """
      slots \(slot), \(before), \(gradientSlot) of \(lanes)×\(hidden) in \(gates.count) gates, \
      \(cells.count) cells, \(tanhCells.count) bounded cells, \(outputGradient.count) and \
      \(cellGradient.count) gradients
      """)
    guard size > 0 else { return }
    unsafe gates.withUnsafeMutableBufferPointer { gates in
      unsafe cellGradient.withUnsafeMutableBufferPointer { cellGradient in
        unsafe tanhCells.withUnsafeBufferPointer { tanhCells in
          unsafe cells.withUnsafeBufferPointer { cells in
            unsafe outputGradient.withUnsafeBufferPointer { outputGradient in
              guard let gates = gates.baseAddress, let cells = cells.baseAddress,
                let tanhCells = tanhCells.baseAddress,
                let outputGradient = outputGradient.baseAddress,
                let cellGradient = cellGradient.baseAddress
              else { return }
              unsafe ap_lstm_backward(
                lanes, hidden, gates + slot * 4 * size, tanhCells + slot * size,
                cells + before * size, outputGradient + gradientSlot * size, cellGradient)
            }
          }
        }
      }
    }
  }
}

/// Adds the product of a matrix and a vector: result += matrix · vector.
///
/// - Parameters:
///   - matrix: [rows × columns], row-major, where `columns` is the vector's count.
///   - vector: [columns].
///   - result: [rows].
/// - Precondition: The matrix has `result.count * vector.count` elements.
package func addProduct(
  _ matrix: Span<Float>, _ vector: Span<Float>, to result: inout MutableSpan<Float>
) {
  precondition(
    matrix.count == result.count * vector.count,
    "\(matrix.count) elements for \(result.count)×\(vector.count)")
  unsafe result.withUnsafeMutableBufferPointer { result in
    unsafe matrix.withUnsafeBufferPointer { matrix in
      unsafe vector.withUnsafeBufferPointer { vector in
        guard let to = result.baseAddress, let rows = matrix.baseAddress,
          let columns = vector.baseAddress
        else { return }
        unsafe ap_matrix_vector_add(result.count, vector.count, rows, columns, to)
      }
    }
  }
}
