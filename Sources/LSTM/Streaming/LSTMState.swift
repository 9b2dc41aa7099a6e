/// What an LSTM remembers between two steps of one series.
///
/// A small value: save it with its arrays and make it again from them.
public struct LSTMState: Hashable, Sendable {
  /// Outputs h of every layer, [layers × H], each within (-1, 1).
  public private(set) var outputs: [Float]
  /// Cells c of every layer, [layers × H].
  public private(set) var cells: [Float]

  /// Makes the state before the first row: all zeros.
  public init(for shape: LSTMShape) {
    outputs = Array(repeating: 0, count: shape.layers * shape.hidden)
    cells = outputs
  }

  /// Makes a state of known memory.
  ///
  /// - Precondition: `outputs` and `cells` are [layers × H].
  public init(for shape: LSTMShape, outputs: [Float], cells: [Float]) {
    self.init(for: shape)
    precondition(
      outputs.count == self.outputs.count && cells.count == self.cells.count,
      "\(outputs.count) outputs and \(cells.count) cells for \(self.cells.count) units")
    (self.outputs, self.cells) = (outputs, cells)
  }

  /// Forgets everything, as after a gap in the series.
  public mutating func reset() {
    for index in outputs.indices { outputs[index] = 0 }
    for index in cells.indices { cells[index] = 0 }
  }

  /// Takes a step's results from where they lie among those of many.
  package mutating func replace(outputs all: [Float], cells allCells: [Float], at begin: Int) {
    for index in outputs.indices { outputs[index] = all[begin + index] }
    for index in cells.indices { cells[index] = allCells[begin + index] }
  }

  /// Calls `body` with both arrays, to be changed in place.
  mutating func withMemory(_ body: (inout [Float], inout [Float]) -> Void) {
    body(&outputs, &cells)
  }
}
