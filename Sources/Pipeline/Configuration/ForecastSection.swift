internal import Detection
internal import LSTM
internal import Telemetry

extension PipelineConfiguration.ForecastSection {
  /// Reads the `models.lstm` section.
  init(_ node: ConfigurationNode) throws {
    let keys = [
      "enabled", "hidden", "layers", "dropout", "layer_norm", "horizon", "quantiles", "chunk",
      "stretch", "windows", "batch", "epochs",
      "learning_rate", "warm_up", "schedule", "weight_decay", "gradient_norm", "patience",
      "minimum_delta", "smoothing", "calendar", "fine_tuning", "service_weights", "max_duration",
      "checkpoint_minutes",
    ]
    try node.check(keys: keys + ErrorScore.keys)
    network = try LSTMConfiguration(node)
    smoothing = try node.optional("smoothing")?.integer(1...10_000) ?? smoothing
    score = try ErrorScore.read(node) ?? score
    calendar = try node.optional("calendar")?.bool ?? calendar
    fineTuning = try node.optional("fine_tuning").map {
      try PipelineConfiguration.FineTuningSection($0)
    }
    if let section = try node.optional("service_weights") {
      for service in try section.fields.keys {
        serviceWeights[service] = try section.required(service).number(1e-3...1e3)
      }
    }
    maxDuration = try node.optional("max_duration")?.duration(atLeast: .seconds(1))
    if let minutes = try node.optional("checkpoint_minutes")?.number(0...10_080) {
      checkpointInterval = .seconds(Int64(minutes * 60))
    }
  }
}

extension PipelineConfiguration.FineTuningSection {
  init(_ node: ConfigurationNode) throws {
    try node.check(keys: ["learning_rate", "epochs", "patience", "freeze"])
    self.init()
    learningRate = try node.optional("learning_rate").map { Float(try $0.number(1e-7...1)) }
    epochs = try node.optional("epochs")?.integer(1...10_000) ?? epochs
    patience = try node.optional("patience")?.integer(1...1000) ?? patience
    frozen = try node.optional("freeze")?.elements.map { try $0.string } ?? []
  }
}

extension LSTMConfiguration {
  init(_ node: ConfigurationNode) throws {
    self.init()
    hidden = try node.optional("hidden")?.integer(1...2048) ?? hidden
    layers = try node.optional("layers")?.integer(LSTMShape.layerRange) ?? layers
    dropout = try node.optional("dropout").map { Float(try $0.number(0...0.9)) } ?? dropout
    layerNorm = try node.optional("layer_norm")?.bool ?? layerNorm
    horizon = try node.optional("horizon")?.integer(1...100) ?? horizon
    if let list = try node.optional("quantiles") {
      quantiles = try list.elements.map { Float(try $0.number(0.001...0.999)) }
      guard !quantiles.isEmpty, LSTMShape.areValid(quantiles: quantiles) else {
        throw list.expected("ascending numbers between 0 and 1 with 0.5 among them")
      }
    }
    chunk = try node.optional("chunk")?.integer(2...1000) ?? chunk
    stretch = try node.optional("stretch")?.integer(chunk...100_000) ?? max(stretch, chunk)
    if let section = try node.optional("windows") {
      for key in ["chunk", "stretch"] {
        if let other = try node.optional(key) { throw other.expected("no \(key) beside windows") }
      }
      windows = try WindowPlan(section)
    }
    batch = try node.optional("batch")?.integer(1...1024) ?? batch
    epochs = try node.optional("epochs")?.integer(1...10_000) ?? epochs
    learningRate =
      try node.optional("learning_rate").map { Float(try $0.number(1e-7...1)) } ?? learningRate
    warmUp = try node.optional("warm_up")?.number(0...Double(epochs)) ?? warmUp
    if let section = try node.optional("schedule") {
      schedule = try LearningRateSchedule(section, learningRate: learningRate)
    }
    weightDecay = try node.optional("weight_decay")?.number(0...0.5) ?? weightDecay
    gradientNorm =
      try node.optional("gradient_norm").map { Float(try $0.number(1e-6...1e6)) } ?? gradientNorm
    patience = try node.optional("patience")?.integer(1...1000) ?? patience
    minimumDelta = try node.optional("minimum_delta")?.number(0...1e6) ?? minimumDelta
  }
}

extension WindowPlan {
  init(_ node: ConfigurationNode) throws {
    try node.check(keys: ["lengths", "stride", "loss"])
    let list = try node.required("lengths")
    let lengths = try list.elements.map { try $0.integer(1...1000) }
    guard !lengths.isEmpty, Set(lengths).count == lengths.count else {
      throw list.expected("one or more lengths, none of them twice")
    }
    let shortest = lengths.min() ?? 1
    self.init(
      lengths: lengths,
      stride: try node.optional("stride")?.integer(1...100_000) ?? max(1, shortest / 2),
      loss: try node.optional("loss")?.word() ?? .all)
  }
}

extension LearningRateSchedule {
  private enum Method: String, CaseIterable { case constant, cosine, plateau }

  /// - Parameter learningRate: What the step size falls from.
  init(_ node: ConfigurationNode, learningRate: Float) throws {
    try node.check(keys: ["method", "floor", "factor", "patience"])
    let method: Method = try node.required("method").word()
    for key in ["factor", "patience"] where method != .plateau {
      if let other = try node.optional(key) {
        throw other.expected("no \(key) beside a method other than plateau")
      }
    }
    if method == .constant, let floor = try node.optional("floor") {
      throw floor.expected("no floor beside the method constant")
    }
    let floor = try node.optional("floor")?.number(0...Double(learningRate)) ?? 0
    switch method {
    case .constant: self = .constant
    case .cosine: self = .cosine(floor: floor)
    case .plateau:
      self = .plateau(
        factor: try node.optional("factor")?.number(0.01...0.99) ?? 0.5,
        patience: try node.optional("patience")?.integer(0...1000) ?? 2, floor: floor)
    }
  }
}
