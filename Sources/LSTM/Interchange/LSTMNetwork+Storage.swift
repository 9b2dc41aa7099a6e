public import Storage

extension LSTMNetwork {
  /// Adds the weights to a bundle under their PyTorch names.
  ///
  /// - Parameter prefix: Put before every name, such as `lstm.0.`.
  public func encode(into bundle: inout TensorBundle, prefix: String = "") {
    for tensor in shape.tensors {
      bundle.tensors[prefix + tensor.name] = TensorBundle.Tensor(
        shape: tensor.shape, values: .float(Array(parameters[tensor.range])))
    }
  }

  /// Reads the weights that `encode(into:prefix:)` wrote.
  ///
  /// - Throws: `StorageError.invalidTensors` when an array is absent or has another type or shape;
  ///   `LSTMError.nonFiniteWeight` when a weight is NaN or infinite.
  public init(decoding bundle: TensorBundle, prefix: String = "", shape: LSTMShape) throws {
    var parameters: [Float] = []
    parameters.reserveCapacity(shape.parameterCount)
    for tensor in shape.tensors {
      let name = prefix + tensor.name
      let values = try bundle.floats(name, shape: tensor.shape)
      if let element = values.firstIndex(where: { !$0.isFinite }) {
        throw LSTMError.nonFiniteWeight(source: bundle.source, tensor: name, element: element)
      }
      parameters += values
    }
    self.init(shape: shape, parameters: parameters)
  }
}
