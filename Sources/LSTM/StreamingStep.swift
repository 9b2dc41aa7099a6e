/// One row of each of several series through all layers: what streaming does, for one series and
/// for many at once.
///
/// Lanes are independent, and every number is computed in the same order however many there are: a
/// series gets the same bits alone and in company.
struct StreamingStep {
  /// The network's sizes.
  let shape: LSTMShape
  /// Series B, at least 1.
  let lanes: Int

  /// Advances every layer of every lane by one row.
  ///
  /// - Parameters:
  ///   - parameters: The network's.
  ///   - inputs: A row per lane, [B × F].
  ///   - outputs: Outputs h of every layer, [layers × B × H]; replaced by the next ones.
  ///   - cells: Cells c of every layer, [layers × B × H]; replaced by the next ones.
  ///   - gates: Scratch memory, at least [B × 4H].
  ///   - tanhCells: Scratch memory, at least [B × H].
  func advance(
    _ parameters: [Float], inputs: Span<Float>, outputs: inout [Float], cells: inout [Float],
    gates: inout [Float], tanhCells: inout [Float]
  ) {
    let (hidden, units) = (shape.hidden, lanes * shape.hidden)
    precondition(
      inputs.count == lanes * shape.inputs && outputs.count >= shape.layers * units
        && gates.count >= 4 * units,
      "\(inputs.count) inputs, \(outputs.count) outputs, \(gates.count) gates for \(lanes) lanes")
    let step = LSTMStep(lanes: lanes, hidden: hidden)
    for layer in 0..<shape.layers {
      let ranges = shape.layerRanges(layer)
      for index in 0..<4 * units { gates[index] = 0 }
      if layer == 0 {
        addProducts(parameters, at: ranges.inputWeights, rows: inputs, to: &gates)
      } else {
        addProducts(
          parameters, at: ranges.inputWeights,
          rows: outputs.span.extracting((layer - 1) * units..<layer * units), to: &gates)
      }
      addProducts(
        parameters, at: ranges.recurrentWeights,
        rows: outputs.span.extracting(layer * units..<(layer + 1) * units), to: &gates)
      step.forward(
        gates: &gates, slot: 0, parameters: parameters,
        biases: (ranges.inputBias.lowerBound, ranges.recurrentBias.lowerBound), cells: &cells,
        before: layer, after: layer, tanhCells: &tanhCells, outputs: &outputs)
    }
  }

  /// Computes the forecast of every lane from the outputs of the last layer.
  ///
  /// - Parameter forecasts: Receives [B × O].
  func forecast(
    _ parameters: [Float], outputs: [Float], into forecasts: inout MutableSpan<Float>
  ) {
    let (bias, width) = (shape.headBias.lowerBound, shape.outputs)
    precondition(
      forecasts.count == lanes * width, "\(forecasts.count) forecasts for \(lanes)×\(width)")
    let top = (shape.layers - 1) * lanes * shape.hidden
    for lane in 0..<lanes {
      for index in 0..<width { forecasts[lane * width + index] = parameters[bias + index] }
      let begin = top + lane * shape.hidden
      var sums = forecasts._mutatingExtracting(lane * width..<(lane + 1) * width)
      addProduct(
        parameters.span.extracting(shape.headWeights),
        outputs.span.extracting(begin..<begin + shape.hidden), to: &sums)
    }
  }

  /// Adds the products of one matrix and a row of each lane: sums[b] += W · rows[b].
  ///
  /// The products of streaming are computed here and nowhere else. Whatever computes them must sum
  /// each element in an order that does not depend on the number of lanes, which a matrix product
  /// of a general library does not promise.
  ///
  /// - Parameters:
  ///   - range: Where W lies in `parameters`, [4H × n].
  ///   - rows: [B × n].
  ///   - sums: At least [B × 4H].
  private func addProducts(
    _ parameters: [Float], at range: Range<Int>, rows: Span<Float>, to sums: inout [Float]
  ) {
    let (gates, width) = (4 * shape.hidden, rows.count / lanes)
    var all = sums.mutableSpan
    for lane in 0..<lanes {
      var part = all._mutatingExtracting(lane * gates..<(lane + 1) * gates)
      addProduct(
        parameters.span.extracting(range), rows.extracting(lane * width..<(lane + 1) * width),
        to: &part)
    }
  }
}
