/// What happened during a training run.
public struct TrainingRecord: Hashable, Sendable {
  /// Mean loss over the observed training targets of each epoch, measured before each gradient step:
  /// the squared error in the unit of the rows squared, with quantiles the pinball loss in theirs.
  public var trainLoss: [Double] = []
  /// Mean loss over the observed validation targets after each epoch; empty without
  /// validation sequences.
  public var validationLoss: [Double] = []
  /// The epoch whose weights were kept, an index into the losses.
  public var bestEpoch = 0

  /// Makes an empty record.
  public init() {}

  /// Epochs that ran.
  public var epochs: Int { trainLoss.count }
}
