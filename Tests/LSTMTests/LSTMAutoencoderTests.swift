import Diagnostics
import Foundation
import LSTM
import LinearAlgebra
import Storage
import Testing

@Suite struct LSTMAutoencoderTests {
  static let sequences = [
    TrainingSequence(
      rows: Matrix(rows: 20, columns: 3, elements: numbers(60, seed: 1)),
      observed: numbers(60, seed: 2).map { $0 < 0.4 })
  ]

  static func batch(
    _ autoencoder: LSTMAutoencoder, starts: [Int], steps: Int
  ) -> AutoencoderBatch {
    var batch = AutoencoderBatch(autoencoder, lanes: starts.count, steps: steps)
    let windows = starts.map { Stretch(sequence: 0, start: $0, steps: steps) }
    batch.load(windows[...], of: sequences)
    return batch
  }

  /// What the decoder says of a window in double precision, in reverse order of time.
  static func said(
    _ encoder: ReferenceLSTM, _ decoder: ReferenceLSTM, _ rows: [[Double]]
  ) -> [[Double]] {
    let zeros = [[Double]](
      repeating: Array(repeating: 0, count: encoder.shape.hidden), count: encoder.shape.layers)
    var state: ReferenceLSTM.State = (zeros, zeros)
    _ = encoder.forecasts(rows, from: &state)
    return decoder.forecasts(rows.map { _ in [0] }, from: &state)
  }

  static func loss(
    _ encoder: ReferenceLSTM, _ decoder: ReferenceLSTM, starts: [Int], steps: Int
  ) -> Double {
    let (sequence, outputs) = (sequences[0], decoder.shape.outputs)
    var (sum, count) = (0.0, 0.0)
    for start in starts {
      let rows = (start..<start + steps).map { sequence.rows.row($0).map(Double.init) }
      for (step, row) in said(encoder, decoder, rows).enumerated() {
        let source = steps - 1 - step
        for column in 0..<outputs where sequence.observed[(start + source) * 3 + column] {
          let error = row[column] - rows[source][column]
          (sum, count) = (sum + error * error, count + 1)
        }
      }
    }
    return sum / count
  }

  @Test(arguments: [1, 2], [1, 6])
  func `every gradient of both parts equals the central difference`(layers: Int, steps: Int) {
    let autoencoder = LSTMAutoencoder(
      inputs: 3, outputs: 2, hidden: 4, layers: layers, seed: 3)
    let starts = [0, 9, 14]
    let gradients = autoencoder.gradients(
      of: Self.batch(autoencoder, starts: starts, steps: steps))
    let encoder = ReferenceLSTM(autoencoder.encoder)
    let decoder = ReferenceLSTM(autoencoder.decoder)
    let loss = Self.loss(encoder, decoder, starts: starts, steps: steps)
    #expect(abs(gradients.loss / loss - 1) < 1e-6)
    let ofEncoder = encoder.differences { Self.loss($0, decoder, starts: starts, steps: steps) }
    let ofDecoder = decoder.differences { Self.loss(encoder, $0, starts: starts, steps: steps) }
    for (shape, found, expected) in [
      (encoder.shape, gradients.encoder, ofEncoder), (decoder.shape, gradients.decoder, ofDecoder),
    ] {
      for tensor in shape.tensors {
        let (found, expected) = (Array(found[tensor.range]), Array(expected[tensor.range]))
        // After one step from zero nothing depends on the encoder's recurrence.
        let scale = expected.contains { abs($0) > 1e-9 }
        if scale {
          #expect(relativeError(found, expected) < 1e-5, "\(tensor.name)")
        } else {
          #expect(found.allSatisfy { $0 == 0 }, "\(tensor.name)")
        }
      }
    }
  }

  @Test func `a reconstruction is in order of time`() {
    let autoencoder = LSTMAutoencoder(inputs: 3, outputs: 2, hidden: 5, layers: 2, seed: 3)
    let window = Matrix(rows: 7, columns: 3, elements: numbers(21, seed: 4))
    let expected = Self.said(
      ReferenceLSTM(autoencoder.encoder), ReferenceLSTM(autoencoder.decoder),
      (0..<7).map { window.row($0).map(Double.init) })
    let found = autoencoder.reconstruct(window)
    #expect(found.rows == 7 && found.columns == 2)
    #expect(relativeError(found.elements, expected.reversed().flatMap(\.self)) < 3e-6)
  }

  @Test func `weights survive a safetensors round trip`() throws {
    let autoencoder = LSTMAutoencoder(inputs: 3, outputs: 2, hidden: 5, layers: 2, seed: 3)
    var bundle = TensorBundle()
    autoencoder.encode(into: &bundle, prefix: "api.")
    #expect(bundle.tensors["api.encoder.lstm.weight_ih_l0"]?.shape == [20, 3])
    #expect(bundle.tensors["api.encoder.head.weight"] == nil)
    #expect(bundle.tensors["api.decoder.head.weight"]?.shape == [2, 5])
    let file = try TensorBundle(safetensors: bundle.safetensors(), source: "w.safetensors")
    let read = try LSTMAutoencoder(
      decoding: file, prefix: "api.", inputs: 3, outputs: 2, hidden: 5, layers: 2)
    #expect(read == autoencoder)
  }

  @Test func `parts that do not fit trap`() async {
    await #expect(processExitsWith: .failure) {
      let shape = LSTMShape(inputs: 1, hidden: 2, layers: 1, outputs: 1)
      let network = LSTMNetwork(shape: shape, seed: 1)
      _ = LSTMAutoencoder(encoder: network, decoder: network)
    }
  }
}
