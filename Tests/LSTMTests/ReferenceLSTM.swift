import Foundation
import LSTM

/// The forecaster in double precision, one unit and one step at a time, as the equations read.
struct ReferenceLSTM {
  let shape: LSTMShape
  var parameters: [Double]

  init(_ network: LSTMNetwork) {
    (shape, parameters) = (network.shape, network.parameters.map(Double.init))
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private func tensor(_ name: String) -> ArraySlice<Double> {
    let range = shape.tensors.first { $0.name == name }.map(\.range) ?? 0..<0
    return parameters[range]
  }

  /// Forecasts for the rows of one lane, [T][O], from the state (h, c), each [layers][H].
  func forecasts(
    _ rows: [[Double]], from state: inout (h: [[Double]], c: [[Double]])
  ) -> [[Double]] {
    rows.map { row in
      var input = row
      for layer in 0..<shape.layers {
        input = step(input, layer, &state.h[layer], &state.c[layer])
      }
      return product("head.weight", input, plus: Array(tensor("head.bias")))
    }
  }

  private func product(_ name: String, _ x: [Double], plus bias: [Double]) -> [Double] {
    let weights = Array(tensor(name))
    return bias.indices.map { row in
      x.indices.reduce(bias[row]) { $0 + weights[row * x.count + $1] * x[$1] }
    }
  }

  private func step(
    _ x: [Double], _ layer: Int, _ h: inout [Double], _ c: inout [Double]
  ) -> [Double] {
    var z = product("lstm.weight_ih_l\(layer)", x, plus: Array(tensor("lstm.bias_ih_l\(layer)")))
    z = product(
      "lstm.weight_hh_l\(layer)", h, plus: zip(z, tensor("lstm.bias_hh_l\(layer)")).map(+))
    let n = shape.hidden
    for j in 0..<n {
      c[j] = Self.sigmoid(z[n + j]) * c[j] + Self.sigmoid(z[j]) * tanh(z[2 * n + j])
      h[j] = Self.sigmoid(z[3 * n + j]) * tanh(c[j])
    }
    return h
  }

  /// The mean squared error of a batch over its observed targets, from the given states.
  func loss(_ batch: LSTMBatch, from states: [LSTMState]) -> Double {
    var (sum, count) = (0.0, 0.0)
    for lane in 0..<batch.lanes {
      var state = Self.unpacked(states[lane], shape)
      let rows = (0..<batch.steps).map { step in
        let begin = (step * batch.lanes + lane) * shape.inputs
        return batch.inputs[begin..<begin + shape.inputs].map(Double.init)
      }
      for (step, forecast) in forecasts(rows, from: &state).enumerated() {
        for (column, value) in forecast.enumerated() {
          let index = (step * batch.lanes + lane) * shape.outputs + column
          guard batch.observed[index] > 0 else { continue }
          let error = value - Double(batch.targets[index])
          (sum, count) = (sum + error * error, count + 1)
        }
      }
    }
    return sum / count
  }

  static func unpacked(_ state: LSTMState, _ shape: LSTMShape) -> (h: [[Double]], c: [[Double]]) {
    func layers(_ values: [Float]) -> [[Double]] {
      (0..<shape.layers).map { layer in
        values[layer * shape.hidden..<(layer + 1) * shape.hidden].map(Double.init)
      }
    }
    return (layers(state.outputs), layers(state.cells))
  }
}
