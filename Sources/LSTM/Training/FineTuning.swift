/// A model to go on from instead of random weights.
///
/// Usually the step size is smaller than the base model's was, by ten or more. With validation
/// sequences the base model competes with every epoch, and is what training returns when none has a
/// lower validation loss.
public struct FineTuning: Hashable, Sendable {
  /// The weights to start from; they decide the sizes of the network.
  public var base: LSTMNetwork
  /// Beginnings of the names of tensors that stay as they are, such as `lstm.weight_ih_l0` or
  /// `lstm.`; see `LSTMShape.tensors`.
  public var frozen: [String]

  /// Makes a fine-tuning.
  public init(base: LSTMNetwork, frozen: [String] = []) {
    (self.base, self.frozen) = (base, frozen)
  }

  /// Checks that the model fits the data and that something is left to train.
  func validate(_ shape: LSTMShape) throws(LSTMError) {
    guard base.shape == shape else {
      throw .invalidConfiguration(
        name: "base model", value: "of \(base.shape.summary)",
        allowed: "of \(shape.summary), as data and configuration")
    }
    let names = base.shape.tensors.map(\.name)
    for prefix in frozen where !names.contains(where: { $0.hasPrefix(prefix) }) {
      throw .invalidConfiguration(
        name: "freeze", value: "'\(prefix)'",
        allowed: "the beginning of one of \(names.joined(separator: ", "))")
    }
    guard !names.allSatisfy({ base.shape.isFrozen($0, frozen) }) else {
      throw .invalidConfiguration(
        name: "freeze", value: frozen.joined(separator: ", "), allowed: "less than all tensors")
    }
  }
}

extension LSTMShape {
  /// The sizes in words.
  fileprivate var summary: String {
    "\(inputs) inputs, \(outputs) outputs, \(layers) layers of \(hidden) units, horizon \(horizon), "
      + (quantiles.isEmpty ? "no quantiles" : "quantiles \(quantiles)")
      + (layerNorm ? ", layer_norm" : "")
  }

  func isFrozen(_ name: String, _ frozen: [String]) -> Bool {
    frozen.contains { name.hasPrefix($0) }
  }

  /// Parameters that stay as they are.
  func ranges(frozen: [String]) -> [Range<Int>] {
    tensors.filter { isFrozen($0.name, frozen) }.map(\.range)
  }

  /// Parameters that shrink with weight decay: matrices. Biases and gains set a level, which zero
  /// is no better guess of than another.
  package func decaying(frozen: [String] = []) -> [Range<Int>] {
    tensors.filter { $0.shape.count > 1 && !isFrozen($0.name, frozen) }.map(\.range)
  }
}
