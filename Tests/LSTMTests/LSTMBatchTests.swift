import LSTM
import LinearAlgebra
import Testing

@Suite struct LSTMBatchTests {
  /// Rows (t, 100 + t), of which the second column of row 6 is unknown.
  static let sequence: TrainingSequence = {
    let rows = (0..<10).flatMap { [Float($0), 100 + Float($0)] }
    var observed = [Bool](repeating: true, count: 20)
    observed[13] = false
    return TrainingSequence(
      rows: Matrix(rows: 10, columns: 2, elements: rows), observed: observed)
  }()

  @Test func `targets are the rows after a step as far as they are known`() {
    let shape = LSTMShape(inputs: 2, hidden: 1, layers: 1, outputs: 2, horizon: 3)
    var batch = LSTMBatch(shape: shape, lanes: 1, steps: 4)
    let stretch = Stretch(sequence: 0, start: 4, steps: 5)
    batch.load([stretch], of: [Self.sequence], from: 1, steps: 4)
    #expect(batch.inputs == [5, 105, 6, 106, 7, 107, 8, 108])
    #expect(
      batch.targets == [
        6, 106, 7, 107, 8, 108,
        7, 107, 8, 108, 9, 109,
        8, 108, 9, 109, 0, 0,
        9, 109, 0, 0, 0, 0,
      ])
    #expect(
      batch.observed == [
        1, 0, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 0, 0,
        1, 1, 0, 0, 0, 0,
      ])
    #expect(batch.weight == 17)
  }

  @Test func `a window has targets after its last step alone`() {
    let shape = LSTMShape(
      inputs: 2, hidden: 1, layers: 1, outputs: 1, horizon: 2, quantiles: [0.5, 0.9])
    var batch = LSTMBatch(shape: shape, lanes: 3, steps: 3, headSteps: .last)
    let windows = [0, 6, 5].map { Stretch(sequence: 0, start: $0, steps: 3) }
    batch.load(windows[...], of: [Self.sequence], from: 0, steps: 3)
    #expect(batch.targets == [3, 4, 9, 0, 8, 9])
    #expect(batch.observed == [1, 1, 1, 0, 1, 1])
    #expect(batch.inputs[..<6] == [0, 100, 6, 106, 5, 105])
    #expect(batch.weight == 10, "five targets of two quantiles each")
  }

  @Test func `a stretch that is over leaves zeros and nothing that counts`() {
    let shape = LSTMShape(inputs: 2, hidden: 1, layers: 1, outputs: 2)
    let stretches = [(0, 4), (3, 1)].map { Stretch(sequence: 0, start: $0.0, steps: $0.1) }
    for headSteps in [LSTMBatch.HeadSteps.all, .last] {
      var batch = LSTMBatch(shape: shape, lanes: 2, steps: 3, headSteps: headSteps)
      for index in batch.inputs.indices { batch.inputs[index] = 7 }
      batch.load(stretches[...], of: [Self.sequence], from: 0, steps: 3)
      #expect(batch.inputs == [0, 100, 3, 103, 1, 101, 0, 0, 2, 102, 0, 0])
      #expect(batch.observed.suffix(4) == [1, 1, 0, 0])
      #expect(batch.targets.suffix(4) == [3, 103, 0, 0])
    }
  }
}
