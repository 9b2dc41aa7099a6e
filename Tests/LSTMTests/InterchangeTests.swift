import Diagnostics
import LSTM
import Storage
import Testing

@Suite struct InterchangeTests {
  static let shape = LSTMShape(inputs: 3, hidden: 4, layers: 2, outputs: 2)

  private func bundle(
    lstm: String = "lstm.", head: String = "head.",
    _ change: (inout TensorBundle) -> Void = { _ in }
  ) -> TensorBundle {
    var bundle = LSTMNetwork(shape: Self.shape, seed: 1).pytorchTensors(lstm: lstm, head: head)
    bundle.source = "w.safetensors"
    change(&bundle)
    return bundle
  }

  @Test(arguments: [("lstm.", "head."), ("", "head."), ("model.rnn.", "linear."), ("rnn.", "")])
  func `weights come back whatever the module's fields are called`(
    lstm: String, head: String
  ) throws {
    let network = try LSTMNetwork(pytorch: bundle(lstm: lstm, head: head))
    #expect(network == LSTMNetwork(shape: Self.shape, seed: 1))
  }

  @Test func `an LSTM by itself has the names of nn.LSTM's own state_dict`() {
    let names = bundle(lstm: "").tensors.keys.filter { !$0.hasPrefix("head.") }.sorted()
    #expect(
      names == [
        "bias_hh_l0", "bias_hh_l1", "bias_ih_l0", "bias_ih_l1", "weight_hh_l0", "weight_hh_l1",
        "weight_ih_l0", "weight_ih_l1",
      ])
  }

  /// A tensor of zeros.
  private static func zeros(_ shape: [Int]) -> TensorBundle.Tensor {
    TensorBundle.Tensor(
      shape: shape, values: .float(Array(repeating: 0, count: shape.reduce(1, *))))
  }

  struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var message: String
    var change: @Sendable (inout TensorBundle) -> Void
  }

  static let damages = [
    Damage(testDescription: "no LSTM", message: "no tensor is called 'weight_ih_l0'") {
      for name in $0.tensors.keys where name.hasPrefix("lstm.") { $0.tensors[name] = nil }
    },
    Damage(testDescription: "two LSTMs", message: "belong to two LSTMs") {
      $0.tensors["decoder.weight_ih_l0"] = zeros([16, 3])
    },
    Damage(testDescription: "no biases", message: "'lstm.bias_ih_l0' is missing; train with bias") {
      for name in $0.tensors.keys where name.contains("bias_") { $0.tensors[name] = nil }
    },
    Damage(testDescription: "a layer missing", message: "'lstm.bias_hh_l1' belongs to no layer") {
      $0.tensors["lstm.weight_ih_l1"] = nil
    },
    Damage(testDescription: "no head", message: "no weight of an nn.Linear") {
      $0.tensors["head.weight"] = nil
      $0.tensors["head.bias"] = nil
    },
    Damage(testDescription: "a head without bias", message: "'head.bias' is missing") {
      $0.tensors["head.bias"] = nil
    },
    Damage(testDescription: "something else", message: "'norm.scale' is neither of the LSTM") {
      $0.tensors["norm.scale"] = zeros([4])
    },
    Damage(testDescription: "both directions", message: "would see the future") {
      $0.tensors["lstm.weight_ih_l0_reverse"] = zeros([16, 3])
    },
    Damage(testDescription: "projections", message: "proj_size=0") {
      $0.tensors["lstm.weight_hr_l0"] = zeros([2, 4])
    },
    Damage(testDescription: "too many layers", message: "has 5 layers; 1 to 4 fit") {
      for layer in 2..<5 { $0.tensors["lstm.weight_ih_l\(layer)"] = zeros([16, 4]) }
    },
    Damage(
      testDescription: "another shape",
      message: "'lstm.weight_ih_l1' has shape [16, 5] and should have [16, 4]"
    ) { $0.tensors["lstm.weight_ih_l1"] = zeros([16, 5]) },
    Damage(testDescription: "a vector for a matrix", message: "should be a matrix") {
      $0.tensors["head.weight"] = zeros([8])
    },
    Damage(testDescription: "no units", message: "should be a matrix") {
      $0.tensors["lstm.weight_hh_l0"] = zeros([0, 0])
    },
    Damage(testDescription: "double precision", message: "save the module after .float()") {
      $0.tensors["head.bias"] = TensorBundle.Tensor(shape: [2], values: .double([0, 0]))
    },
    Damage(testDescription: "NaN", message: "'head.bias' holds nan at element 1") {
      $0.tensors["head.bias"] = TensorBundle.Tensor(shape: [2], values: .float([0, .nan]))
    },
  ]

  @Test(arguments: damages) func `weights that do not fit are one clear error`(damage: Damage) {
    let damaged = bundle { damage.change(&$0) }
    let error = #expect(throws: LSTMError.self) { try LSTMNetwork(pytorch: damaged) }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("w.safetensors: ") && text.contains(damage.message), "\(text)")
    #expect(!text.contains("\n") && error?.kind == .invalidInput)
  }
}
