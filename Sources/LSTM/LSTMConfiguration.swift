/// How an LSTM forecaster is built and trained.
public struct LSTMConfiguration: Hashable, Sendable {
  /// Units H per layer, at least 1.
  public var hidden = 32
  /// Stacked layers, 1...4.
  public var layers = 1
  /// Probability that an output is dropped between layers in training, within [0, 1).
  public var dropout: Float = 0
  /// Whether each layer's outputs are normalised on their way up.
  public var layerNorm = false
  /// Rows ahead that are forecast, at least 1.
  public var horizon = 1
  /// Quantiles that are forecast, ascending within (0, 1) and with 0.5; empty for the mean alone.
  public var quantiles: [Float] = []
  /// Most lanes that a thread takes at once, at least 1. Results depend on it, in last bits, but not
  /// on the number of threads.
  public var shardLanes = 16
  /// Steps that a gradient looks back, at least 1.
  public var chunk = 25
  /// Steps that a lane walks with its state carried from chunk to chunk, at least `chunk`.
  public var stretch = 200
  /// Windows that start from a zero state, instead of stretches; nil for stretches.
  public var windows: WindowPlan?
  /// Most lanes side by side in a gradient step, at least 1.
  public var batch = 32
  /// Most passes over the training sequences, at least 1.
  public var epochs = 30
  /// Adam's step size, positive.
  public var learningRate: Float = 2e-3
  /// Epochs over which the step size rises from a hundredth of itself, not negative.
  public var warmUp = 0.0
  /// How the step size falls.
  public var schedule = LearningRateSchedule.constant
  /// AdamW's λ, by which weight matrices shrink; 0 for Adam. Biases and gains never shrink.
  public var weightDecay = 0.0
  /// Adam's decay of the mean gradient, within [0, 1).
  public var firstDecay = 0.9
  /// Adam's decay of the mean squared gradient, within [0, 1).
  public var secondDecay = 0.999
  /// Adam's ε, positive.
  public var epsilon: Float = 1e-8
  /// Largest Euclidean norm of all gradients together, positive.
  public var gradientNorm: Float = 1
  /// Epochs without improvement after which training stops, at least 1.
  public var patience = 5
  /// By how much the validation loss must fall to count as improvement, not negative.
  public var minimumDelta = 0.0

  /// Makes the default configuration.
  public init() {}

  /// Checks every range.
  ///
  /// - Throws: `LSTMError.invalidConfiguration` for the first setting that is outside.
  public func validate() throws(LSTMError) {
    func check(
      _ name: String, _ value: some Any, _ valid: Bool, _ allowed: String
    ) throws(LSTMError) {
      guard valid else {
        throw .invalidConfiguration(name: name, value: "\(value)", allowed: allowed)
      }
    }
    try check("hidden", hidden, hidden >= 1, "at least 1")
    try check("layers", layers, LSTMShape.layerRange.contains(layers), "1 to 4")
    try check("dropout", dropout, dropout >= 0 && dropout < 1, "within [0, 1)")
    try check("horizon", horizon, horizon >= 1, "at least 1")
    try check(
      "quantiles", quantiles, LSTMShape.areValid(quantiles: quantiles),
      "ascending within (0, 1) with 0.5 among them")
    try check("shardLanes", shardLanes, shardLanes >= 1, "at least 1")
    try check("chunk", chunk, chunk >= 1, "at least 1")
    try check("stretch", stretch, stretch >= chunk, "at least chunk (\(chunk))")
    try check("batch", batch, batch >= 1, "at least 1")
    try check("epochs", epochs, epochs >= 1, "at least 1")
    try check("learningRate", learningRate, learningRate > 0 && learningRate.isFinite, "positive")
    try check("warmUp", warmUp, warmUp >= 0 && warmUp.isFinite, "0 or more")
    try check(
      "weightDecay", weightDecay, weightDecay >= 0 && weightDecay < 1, "at least 0 and below 1")
    try check(
      "schedule", schedule, schedule.isValid(for: learningRate), LearningRateSchedule.allowed)
    if let windows { try check("windows", windows, windows.isValid, WindowPlan.allowed) }
    try check("firstDecay", firstDecay, firstDecay >= 0 && firstDecay < 1, "within [0, 1)")
    try check("secondDecay", secondDecay, secondDecay >= 0 && secondDecay < 1, "within [0, 1)")
    try check("epsilon", epsilon, epsilon > 0 && epsilon.isFinite, "positive")
    try check("gradientNorm", gradientNorm, gradientNorm > 0 && gradientNorm.isFinite, "positive")
    try check("patience", patience, patience >= 1, "at least 1")
    try check(
      "minimumDelta", minimumDelta, minimumDelta >= 0 && minimumDelta.isFinite, "0 or more")
  }
}
