public import Storage

extension LSTMNetwork {
  /// The weights under PyTorch's names, for `load_state_dict`.
  ///
  /// - Parameters:
  ///   - lstm: Put before the names of `nn.LSTM`: `lstm.` for a module with a field of that name,
  ///     nothing for an `nn.LSTM` by itself.
  ///   - head: Put before `weight` and `bias` of the `nn.Linear`.
  public func pytorchTensors(lstm: String = "lstm.", head: String = "head.") -> TensorBundle {
    var bundle = TensorBundle()
    for tensor in shape.tensors {
      bundle.tensors[tensor.name(lstm: lstm, head: head)] = TensorBundle.Tensor(
        shape: tensor.shape, values: .float(Array(parameters[tensor.range])))
    }
    return bundle
  }

  /// Reads the weights of a PyTorch module with one `nn.LSTM` and one `nn.Linear`, whatever its
  /// fields are called; sizes are those of the tensors. `nn.LayerNorm` between the layers is found
  /// under the names `norm_l0`, `norm_l1`, … The head's numbers become one forecast a channel.
  ///
  /// - Throws: `LSTMError.unusableWeights` that names the tensor when one is missing, of no use, of
  ///   another type or shape, or holds a number that is not finite.
  public init(pytorch bundle: TensorBundle) throws(LSTMError) {
    let reader = PyTorchWeights(bundle)
    let (lstm, head) = (try reader.lstmPrefix(), try reader.headPrefix())
    let shape = try reader.shape(lstm: lstm, head: head)
    var parameters: [Float] = []
    parameters.reserveCapacity(shape.parameterCount)
    for tensor in shape.tensors {
      parameters += try reader.floats(tensor.name(lstm: lstm, head: head), shape: tensor.shape)
    }
    self.init(shape: shape, parameters: parameters)
  }
}

extension LSTMShape.Tensor {
  /// The name in a module whose fields have other names than `lstm` and `head`.
  fileprivate func name(lstm: String, head: String) -> String {
    for (field, prefix) in [("lstm.", lstm), ("head.", head)] where name.hasPrefix(field) {
      return prefix + name.dropFirst(field.count)
    }
    return name
  }
}

/// The tensors of a PyTorch module, and what can be wrong with them.
private struct PyTorchWeights {
  private static let first = "weight_ih_l0"
  private static let parts = ["weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"]
  private let bundle: TensorBundle

  init(_ bundle: TensorBundle) { self.bundle = bundle }

  private func unusable(_ reason: String) -> LSTMError {
    .unusableWeights(source: bundle.source, reason: reason)
  }

  private var names: [String] { bundle.tensors.keys.sorted() }

  /// What stands before `weight_ih_l0`.
  func lstmPrefix() throws(LSTMError) -> String {
    let found = names.filter { $0 == Self.first || $0.hasSuffix(".\(Self.first)") }
    guard let name = found.first else {
      throw unusable(
        "no tensor is called '\(Self.first)' or ends in '.\(Self.first)'; save the state_dict of a "
          + "module with an nn.LSTM")
    }
    guard found.count == 1 else {
      throw unusable(
        "'\(found[0])' and '\(found[1])' belong to two LSTMs; save one of them with its head")
    }
    return String(name.dropLast(Self.first.count))
  }

  /// What stands before `weight` and `bias` of the head: the only tensors that are not the LSTM's.
  func headPrefix() throws(LSTMError) -> String {
    let lstm = try lstmPrefix()
    let others = names.filter { name in
      !name.hasPrefix("norm_l")
        && !Self.parts.contains { part in
          name.hasPrefix(lstm + part)
            && Int(name.dropFirst(lstm.count + part.count)).map { $0 >= 0 } == true
        }
    }
    if let reverse = others.first(where: { $0.hasSuffix("_reverse") }) {
      throw unusable(
        "'\(reverse)' belongs to a bidirectional LSTM, which would see the future; train one with "
          + "bidirectional=False")
    }
    if let projection = others.first(where: { $0.hasPrefix(lstm + "weight_hr_l") }) {
      throw unusable("'\(projection)' is a projection; train an LSTM with proj_size=0")
    }
    let heads = others.filter { $0 == "weight" || $0.hasSuffix(".weight") }
    guard let head = heads.first else {
      throw unusable(
        "there is no weight of an nn.Linear after the LSTM, such as 'head.weight'; save it too")
    }
    let prefix = String(head.dropLast("weight".count))
    if let unknown = others.first(where: { $0 != head && $0 != prefix + "bias" }) {
      throw unusable(
        "'\(unknown)' is neither of the LSTM '\(lstm)*' nor of the head '\(prefix)*'; save only "
          + "these")
    }
    return prefix
  }

  /// The sizes that the weights have among themselves; their other shapes are checked when read.
  func shape(lstm: String, head: String) throws(LSTMError) -> LSTMShape {
    let layers = names.count { name in
      name.hasPrefix(lstm + Self.parts[0])
        && Int(name.dropFirst(lstm.count + Self.parts[0].count)) != nil
    }
    guard LSTMShape.layerRange.contains(layers) else {
      throw unusable("the LSTM has \(layers) layers; 1 to \(LSTMShape.layerRange.upperBound) fit")
    }
    let stray = names.first { name in
      name.hasPrefix(lstm)
        && Self.parts.contains { part in
          name.hasPrefix(lstm + part)
            && Int(name.dropFirst(lstm.count + part.count)).map { $0 >= layers } == true
        }
    }
    if let stray {
      throw unusable("'\(stray)' belongs to no layer of the \(layers) that have input weights")
    }
    let normed = Set((0..<layers).flatMap { ["norm_l\($0).weight", "norm_l\($0).bias"] })
    if let stray = names.first(where: { $0.hasPrefix("norm_l") && !normed.contains($0) }) {
      throw unusable("'\(stray)' belongs to no layer of the \(layers) that have input weights")
    }
    let recurrent = try matrix("\(lstm)weight_hh_l0")
    let hidden = recurrent[1]
    return LSTMShape(
      inputs: try matrix(lstm + Self.first)[1], hidden: hidden, layers: layers,
      outputs: try matrix(head + "weight")[0],
      layerNorm: names.contains { $0.hasPrefix("norm_l") })
  }

  /// The sizes of a matrix that has elements.
  private func matrix(_ name: String) throws(LSTMError) -> [Int] {
    let shape = try tensor(name).shape
    guard shape.count == 2, shape.allSatisfy({ $0 > 0 }) else {
      throw unusable("'\(name)' has shape \(shape) and should be a matrix")
    }
    return shape
  }

  func floats(_ name: String, shape: [Int]) throws(LSTMError) -> [Float] {
    let tensor = try tensor(name)
    guard tensor.shape == shape else {
      throw unusable("'\(name)' has shape \(tensor.shape) and should have \(shape)")
    }
    guard case .float(let values) = tensor.values else {
      throw unusable("'\(name)' is not of 32-bit floats; save the module after .float()")
    }
    if let element = values.firstIndex(where: { !$0.isFinite }) {
      throw unusable("'\(name)' holds \(values[element]) at element \(element); train it anew")
    }
    return values
  }

  private func tensor(_ name: String) throws(LSTMError) -> TensorBundle.Tensor {
    guard let tensor = bundle.tensors[name] else {
      throw unusable(
        "'\(name)' is missing"
          + (name.contains("bias") ? "; train with bias=True, or save zeros" : ""))
    }
    return tensor
  }
}
