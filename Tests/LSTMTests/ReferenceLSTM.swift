import Foundation
import LSTM
import LinearAlgebra

/// The forecaster in double precision, one unit and one step at a time, as the equations read.
struct ReferenceLSTM {
  typealias State = (h: [[Double]], c: [[Double]])

  let shape: LSTMShape
  var parameters: [Double]
  /// What outputs between layers are multiplied by, given layer, step, lane and unit.
  var dropoutScale: (Int, Int, Int, Int) -> Double = { _, _, _, _ in 1 }

  private let ranges: [String: Range<Int>]

  init(_ network: LSTMNetwork) {
    (shape, parameters) = (network.shape, network.parameters.map(Double.init))
    ranges = Dictionary(uniqueKeysWithValues: shape.tensors.map { ($0.name, $0.range) })
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private func tensor(_ name: String) -> [Double] {
    Array(parameters[ranges[name] ?? 0..<0])
  }

  /// Forecasts for the rows of one lane, [T][headWidth], from the state (h, c), each [layers][H].
  func forecasts(_ rows: [[Double]], lane: Int = 0, from state: inout State) -> [[Double]] {
    rows.enumerated().map { time, row in
      var input = row
      for layer in 0..<shape.layers {
        input = step(input, layer, &state.h[layer], &state.c[layer])
        if shape.layerNorm { input = normalised(input, layer) }
        guard layer < shape.layers - 1 else { break }
        input = input.enumerated().map { $1 * dropoutScale(layer, time, lane, $0) }
      }
      return shape.outputs == 0 ? [] : product("head.weight", input, plus: tensor("head.bias"))
    }
  }

  private func product(_ name: String, _ x: [Double], plus bias: [Double]) -> [Double] {
    let weights = tensor(name)
    return bias.indices.map { row in
      x.indices.reduce(bias[row]) { $0 + weights[row * x.count + $1] * x[$1] }
    }
  }

  private func step(
    _ x: [Double], _ layer: Int, _ h: inout [Double], _ c: inout [Double]
  ) -> [Double] {
    var z = product("lstm.weight_ih_l\(layer)", x, plus: tensor("lstm.bias_ih_l\(layer)"))
    z = product(
      "lstm.weight_hh_l\(layer)", h, plus: zip(z, tensor("lstm.bias_hh_l\(layer)")).map(+))
    let n = shape.hidden
    for j in 0..<n {
      c[j] = Self.sigmoid(z[n + j]) * c[j] + Self.sigmoid(z[j]) * tanh(z[2 * n + j])
      h[j] = Self.sigmoid(z[3 * n + j]) * tanh(c[j])
    }
    return h
  }

  private func normalised(_ x: [Double], _ layer: Int) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let (gain, bias) = (tensor("norm_l\(layer).weight"), tensor("norm_l\(layer).bias"))
    return x.indices.map { (x[$0] - mean) / (variance + 1e-5).squareRoot() * gain[$0] + bias[$0] }
  }

  /// The mean loss of a batch over its observed targets, from the given states.
  func loss(_ batch: LSTMBatch, from states: [LSTMState]) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for lane in 0..<batch.lanes {
      var state = Self.unpacked(states[lane], shape)
      let rows = (0..<batch.steps).map { step in
        let begin = (step * batch.lanes + lane) * shape.inputs
        return batch.inputs[begin..<begin + shape.inputs].map(Double.init)
      }
      let forecasts = forecasts(rows, lane: lane, from: &state).suffix(batch.headStepCount)
      for (step, forecast) in forecasts.enumerated() {
        let begin = (step * batch.lanes + lane) * shape.targetWidth
        for value in 0..<shape.targetWidth where batch.observed[begin + value] > 0 {
          let target = Double(batch.targets[begin + value])
          let w = Double(batch.observed[begin + value])
          for quantile in 0..<max(1, shape.quantiles.count) {
            let (ahead, channel) = (value / shape.outputs, value % shape.outputs)
            let place = shape.forecastRange(ahead: ahead + 1, quantile: quantile).lowerBound
            let miss = target - forecast[place + channel]
            let q = shape.quantiles.isEmpty ? nil : Double(shape.quantiles[quantile])
            sum += w * (q.map { max($0 * miss, ($0 - 1) * miss) } ?? miss * miss)
            weight += w
          }
        }
      }
    }
    return sum / weight
  }

  /// The derivative of a function of this by every parameter, by central differences.
  func differences(_ function: (ReferenceLSTM) -> Double) -> [Double] {
    let epsilon = 1e-5
    var moved = self
    return parameters.indices.map { index in
      moved.parameters[index] = parameters[index] + epsilon
      let above = function(moved)
      moved.parameters[index] = parameters[index] - epsilon
      let below = function(moved)
      moved.parameters[index] = parameters[index]
      return (above - below) / (2 * epsilon)
    }
  }

  static func unpacked(_ state: LSTMState, _ shape: LSTMShape) -> State {
    func layers(_ values: [Float]) -> [[Double]] {
      (0..<shape.layers).map { layer in
        values[layer * shape.hidden..<(layer + 1) * shape.hidden].map(Double.init)
      }
    }
    return (layers(state.outputs), layers(state.cells))
  }

  /// Scales of dropout as its documentation says where they come from.
  static func dropoutScales(
    rate: Float, seed: UInt64, step: Int, shape: LSTMShape, lanes: Int, steps: Int
  ) -> (Int, Int, Int, Int) -> Double {
    let kept: [[Bool]] = (0..<shape.layers).map { layer in
      var generator = Philox(seed: seed, purpose: "lstm dropout", index: 4 * step + layer)
      return (0..<(steps * lanes * shape.hidden + 1) / 2).flatMap { _ in
        let value = generator.next()
        return [value & 0xFFFF_FFFF, value >> 32].map { Double($0) >= Double(rate) * 0x1p32 }
      }
    }
    return { layer, time, lane, unit in
      kept[layer][(time * lanes + lane) * shape.hidden + unit] ? 1 / (1 - Double(rate)) : 0
    }
  }
}
