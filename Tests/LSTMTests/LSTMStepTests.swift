import Foundation
import LSTM
import Testing

@Suite struct LSTMStepTests {
  static let sizes = [0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 65]

  @Test(arguments: sizes) func `a forward step follows the equations`(hidden: Int) {
    for lanes in [1, 2, 5] {
      let size = lanes * hidden
      let z = numbers(4 * size, within: 6, seed: 1)
      let biases = numbers(8 * hidden, within: 2, seed: 2)
      let before = numbers(size, within: 3, seed: 3)
      // Two slots: the step reads slot 0 and writes slot 1.
      var (gates, cells) = (z, before + [Float](repeating: .nan, count: size))
      var tanhCells = [Float](repeating: .nan, count: size)
      var outputs = [Float](repeating: .nan, count: 2 * size)
      LSTMStep(lanes: lanes, hidden: hidden).forward(
        gates: &gates, slot: 0, parameters: biases, biases: (0, 4 * hidden), cells: &cells,
        before: 0, after: 1, tanhCells: &tanhCells, outputs: &outputs)
      for unit in 0..<size {
        let (lane, j) = (unit / hidden, unit % hidden)
        func pre(_ gate: Int) -> Double {
          let column = gate * hidden + j
          return Double(z[lane * 4 * hidden + column]) + Double(biases[column])
            + Double(biases[4 * hidden + column])
        }
        let i = ReferenceLSTM.sigmoid(pre(0))
        let f = ReferenceLSTM.sigmoid(pre(1))
        let g = tanh(pre(2))
        let o = ReferenceLSTM.sigmoid(pre(3))
        let c = f * Double(before[unit]) + i * g
        for (gate, expected) in [i, f, g, o].enumerated() {
          let value = Double(gates[lane * 4 * hidden + gate * hidden + j])
          #expect(abs(value - expected) <= 4e-6 * abs(expected))
        }
        #expect(abs(Double(cells[size + unit]) - c) <= 3e-6 * max(1, abs(c)))
        #expect(abs(Double(tanhCells[unit]) - tanh(c)) <= 3e-6)
        #expect(abs(Double(outputs[size + unit]) - o * tanh(c)) <= 3e-6)
        #expect(cells[unit] == before[unit])
      }
    }
  }

  @Test(arguments: sizes) func `a backward step follows the chain rule`(hidden: Int) {
    for lanes in [1, 2, 5] {
      let size = lanes * hidden
      let activations = numbers(4 * size, seed: 4).map(abs)
      let (tanhCells, before) = (numbers(size, seed: 5), numbers(size, within: 3, seed: 6))
      let (dh, dc) = (numbers(size, seed: 7), numbers(size, seed: 8))
      var (gates, cellGradient) = (activations, dc)
      LSTMStep(lanes: lanes, hidden: hidden).backward(
        gates: &gates, slot: 0, tanhCells: tanhCells, cells: before, before: 0,
        outputGradient: dh, gradientSlot: 0, cellGradient: &cellGradient)
      for unit in 0..<size {
        let start = unit / hidden * 4 * hidden + unit % hidden
        let a = (0..<4).map { Double(activations[start + $0 * hidden]) }
        let (t, h) = (Double(tanhCells[unit]), Double(dh[unit]))
        let d = Double(dc[unit]) + h * a[3] * (1 - t * t)
        let expected = [
          d * a[2] * a[0] * (1 - a[0]), d * Double(before[unit]) * a[1] * (1 - a[1]),
          d * a[0] * (1 - a[2] * a[2]), h * t * a[3] * (1 - a[3]),
        ]
        for gate in 0..<4 {
          #expect(abs(Double(gates[start + gate * hidden]) - expected[gate]) <= 1e-6)
        }
        #expect(abs(Double(cellGradient[unit]) - d * a[1]) <= 1e-6)
      }
    }
  }

  /// One lane whose gates are all `z`, from cell 0 without biases.
  private func run(_ z: [Float], cell: Float = 0) -> (gates: [Float], cells: [Float], h: [Float]) {
    let hidden = z.count / 4
    var gates = z
    var cells = [Float](repeating: cell, count: hidden)
    var (tanhCells, outputs) = (cells, cells)
    LSTMStep(lanes: 1, hidden: hidden).forward(
      gates: &gates, slot: 0, parameters: [Float](repeating: 0, count: 8 * hidden),
      biases: (0, 4 * hidden), cells: &cells, before: 0, after: 0, tanhCells: &tanhCells,
      outputs: &outputs)
    return (gates, cells, outputs)
  }

  @Test func `activations keep their relative accuracy over the whole range`() {
    let steps = 40_000
    let x = (0...steps).map { Float($0 - steps / 2) * (20 / Float(steps)) }
    let gates = run(x + x + x + x).gates
    var (worstSigmoid, worstTanh) = (0.0, 0.0)
    for (index, value) in x.enumerated() {
      let sigmoid = ReferenceLSTM.sigmoid(Double(value))
      worstSigmoid = max(worstSigmoid, abs(Double(gates[index]) / sigmoid - 1))
      guard value != 0 else { continue }
      let tanhOfX = Double(gates[2 * x.count + index])
      worstTanh = max(worstTanh, abs(tanhOfX / tanh(Double(value)) - 1))
    }
    #expect(worstSigmoid < 5e-7)
    #expect(worstTanh < 8e-7)
  }

  @Test func `infinite and huge gates saturate without leaving the range`() {
    for huge in [Float.infinity, 1e30, 1000, 20, 9] {
      let up = run([huge, huge, huge, huge], cell: 1)
      #expect(up.gates.allSatisfy { $0 <= 1 && $0 > 0.999 })
      #expect(abs(up.gates[2] - 1) < 5e-7)
      #expect(up.cells[0] <= 2 && up.h[0] < 1)
      let down = run([-huge, -huge, -huge, -huge], cell: 1)
      #expect(down.gates[2] >= -1 && abs(down.gates[2] + 1) < 5e-7)
      #expect(down.gates[0] >= 0 && down.gates[0] < 2e-4)
      if huge >= 1000 { #expect(up.gates[0] == 1 && down.gates[0] < 1e-37) }
    }
  }

  @Test(arguments: [1, 8, 16, 17, 40]) func `NaN stays in its own unit`(hidden: Int) {
    let clean = numbers(4 * hidden, within: 3, seed: 9)
    let expected = run(clean)
    for gate in 0..<4 {
      let unit = hidden / 2
      var z = clean
      z[gate * hidden + unit] = .nan
      let found = run(z)
      #expect(found.h[unit].isNaN)
      for other in 0..<hidden where other != unit {
        #expect(found.h[other] == expected.h[other])
        #expect(found.cells[other] == expected.cells[other])
      }
    }
  }

  @Test func `a step in place equals one from slot to slot`() {
    let (hidden, cells) = (19, numbers(19, within: 2, seed: 11))
    let (z, biases) = (numbers(76, seed: 12), numbers(152, seed: 13))
    func outputs(inPlace: Bool) -> [Float] {
      var (gates, memory) = (z, cells + cells)
      var (tanhCells, outputs) = (cells, memory)
      LSTMStep(lanes: 1, hidden: hidden).forward(
        gates: &gates, slot: 0, parameters: biases, biases: (0, 76), cells: &memory, before: 1,
        after: inPlace ? 1 : 0, tanhCells: &tanhCells, outputs: &outputs)
      let first = inPlace ? hidden : 0
      return Array(outputs[first..<first + hidden] + memory[first..<first + hidden])
    }
    #expect(outputs(inPlace: true) == outputs(inPlace: false))
  }

  @Test(arguments: sizes) func `a matrix times a vector is added`(columns: Int) {
    for rows in [0, 1, 3, 4, 5, 16, 17] {
      let (matrix, vector) = (numbers(rows * columns, seed: 14), numbers(columns, seed: 15))
      let start = numbers(rows, seed: 16)
      var result = start
      var span = result.mutableSpan
      addProduct(matrix.span, vector.span, to: &span)
      for row in 0..<rows {
        let expected = (0..<columns).reduce(Double(start[row])) {
          $0 + Double(matrix[row * columns + $1]) * Double(vector[$1])
        }
        #expect(abs(Double(result[row]) - expected) <= 1e-6 * Double(columns + 1))
      }
    }
  }
}
