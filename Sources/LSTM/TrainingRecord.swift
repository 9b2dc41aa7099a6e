/// What happened during a training run.
public struct TrainingRecord: Hashable, Sendable {
  /// Why a run ended.
  public enum Ending: String, CaseIterable, Hashable, Sendable {
    /// Every epoch ran.
    case epochs
    /// The validation loss no longer fell.
    case patience
    /// The time that the run was given was over.
    case timeBudget = "time_budget"
  }

  /// Mean loss over the observed training targets of each epoch, measured before each gradient step:
  /// the squared error in the unit of the rows squared, with quantiles the pinball loss in theirs.
  /// When the time was over before the end of the first epoch, that of its part.
  public var trainLoss: [Double] = []
  /// Mean loss over the observed validation targets after each whole epoch; empty without
  /// validation sequences.
  public var validationLoss: [Double] = []
  /// Step size at the end of each epoch.
  public var learningRate: [Double] = []
  /// The epoch whose weights were kept, an index into the losses; -1 when no epoch was better than
  /// the base model, which was kept then.
  public var bestEpoch = 0
  /// Mean loss of the base model over the observed validation targets; nil when there was
  /// no base model or no validation.
  public var baseLoss: Double?
  /// Why the run ended.
  public var ending = Ending.epochs

  /// Makes an empty record.
  public init() {}

  /// Epochs that ran.
  public var epochs: Int { trainLoss.count }

  /// Whether the base model was kept because no epoch was better.
  public var keptBase: Bool { bestEpoch < 0 }
}
