internal import Storage

/// The file of a training run's state: safetensors, written so that at any moment it holds a whole
/// state or does not exist.
///
/// `parameters`, `best`, `adam.first` and `adam.second` are F32 in the order of
/// `LSTMShape.tensors`; losses and step sizes by epoch and all counters are F64; `identity` is JSON
/// in bytes, and `sha256` the digest of the file without it, in hexadecimal digits.
struct TrainingCheckpoint {
  /// Where it is.
  let path: String
  /// What it has to belong to.
  let identity: TrainingIdentity

  /// Largest file that is read.
  private static let sizeLimit = 1 << 36
  private static let digestName = "sha256"

  /// Writes a state.
  ///
  /// - Throws: `StorageError` when the file cannot be written.
  func save(_ state: TrainingState) throws {
    var bundle = TensorBundle(source: path)
    func put(_ name: String, _ values: TensorBundle.Values) {
      bundle.tensors[name] = TensorBundle.Tensor(shape: [values.count], values: values)
    }
    put("identity", .uint8(Array(identity.json.text().utf8)))
    put("parameters", .float(state.network.parameters))
    put("best", .float(state.best.parameters))
    put("adam.first", .float(state.optimiser.first))
    put("adam.second", .float(state.optimiser.second))
    put("train_loss", .double(state.record.trainLoss))
    put("validation_loss", .double(state.record.validationLoss))
    put("learning_rate", .double(state.record.learningRate))
    for (name, value) in numbers(of: state) { put(name, .double([value])) }
    put(Self.digestName, .uint8(Self.digest(of: bundle)))
    try FileSystem.writeFileAtomically(bundle.safetensors(), to: path)
  }

  /// Brings a state to where the file left it.
  ///
  /// - Returns: False when there is no file.
  /// - Throws: `LSTMError.foreignCheckpoint` when the file belongs to a run of other data,
  ///   configuration or seed, `.damagedCheckpoint`, or `StorageError` when it cannot be read.
  func restore(_ state: inout TrainingState) throws -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try FileSystem.readFile(at: path, limit: Self.sizeLimit)
    } catch StorageError.notFound {
      return false
    }
    let bundle: TensorBundle
    let found: TrainingIdentity
    do {
      bundle = try Self.checked(bytes, source: path)
      let text = try bundle.bytes("identity", shape: [nil])
      found = try TrainingIdentity(
        json: JSONDocument(try JSONValue(parsing: text, source: path), source: path))
    } catch let error as StorageError {
      throw LSTMError.damagedCheckpoint(path: path, reason: error.description)
    }
    if let (name, here, there) = identity.difference(from: found) {
      throw LSTMError.foreignCheckpoint(path: path, name: name, here: here, there: there)
    }
    do {
      try read(bundle, into: &state)
    } catch let error as StorageError {
      throw LSTMError.damagedCheckpoint(path: path, reason: error.description)
    }
    return true
  }

  private func numbers(of state: TrainingState) -> [(name: String, value: Double)] {
    [
      ("adam.steps", Double(state.optimiser.steps)), ("epoch", Double(state.epoch)),
      ("batch", Double(state.group)), ("loss_sum", state.lossSum),
      ("loss_weight", state.lossWeight), ("lowest", state.lowest),
      ("best_epoch", Double(state.record.bestEpoch)), ("base_loss", state.record.baseLoss ?? .nan),
      ("ending", state.record.ending == .patience ? 1 : 0),
      ("finished", state.isFinished ? 1 : 0), ("last_rate", Double(state.optimiser.learningRate)),
      ("plateau.rate", state.rate.plateau.rate), ("plateau.lowest", state.rate.plateau.lowest),
      ("plateau.waited", Double(state.rate.plateau.waited)),
    ]
  }

  private func read(_ bundle: TensorBundle, into state: inout TrainingState) throws {
    let shape = state.network.shape
    func floats(_ name: String) throws -> [Float] {
      try bundle.floats(name, shape: [shape.parameterCount])
    }
    func number(_ name: String) throws -> Double { try bundle.doubles(name, shape: [1])[0] }
    func count(_ name: String) throws -> Int {
      guard let value = Int(exactly: try number(name)) else {
        throw StorageError.invalidTensors(path: path, reason: "'\(name)' is not a whole number")
      }
      return value
    }
    state.network = LSTMNetwork(shape: shape, parameters: try floats("parameters"))
    state.best = LSTMNetwork(shape: shape, parameters: try floats("best"))
    state.optimiser.restore(
      first: try floats("adam.first"), second: try floats("adam.second"),
      steps: try count("adam.steps"))
    state.optimiser.learningRate = Float(try number("last_rate"))
    state.rate.plateau = LearningRate.Plateau(
      rate: try number("plateau.rate"), lowest: try number("plateau.lowest"),
      waited: try count("plateau.waited"))
    state.record.trainLoss = try bundle.doubles("train_loss", shape: [nil])
    state.record.validationLoss = try bundle.doubles("validation_loss", shape: [nil])
    state.record.learningRate = try bundle.doubles("learning_rate", shape: [nil])
    state.record.bestEpoch = try count("best_epoch")
    let baseLoss = try number("base_loss")
    state.record.baseLoss = baseLoss.isNaN ? nil : baseLoss
    state.record.ending = try number("ending") == 1 ? .patience : .epochs
    (state.epoch, state.group) = (try count("epoch"), try count("batch"))
    (state.lossSum, state.lossWeight) = (try number("loss_sum"), try number("loss_weight"))
    (state.lowest, state.isFinished) = (try number("lowest"), try number("finished") == 1)
  }

  private static func digest(of bundle: TensorBundle) -> [UInt8] {
    Array(SHA256Digest.hexadecimal(of: bundle.safetensors()).utf8)
  }

  /// The file's arrays, when they are those that were written.
  private static func checked(_ bytes: [UInt8], source: String) throws -> TensorBundle {
    var bundle = try TensorBundle(safetensors: bytes, source: source)
    let expected = try bundle.bytes(digestName, shape: [nil])
    bundle.tensors[digestName] = nil
    guard digest(of: bundle) == expected else {
      throw StorageError.invalidTensors(path: source, reason: "its digest does not match")
    }
    return bundle
  }
}
