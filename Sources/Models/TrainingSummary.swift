public import LSTM
public import Storage

/// How the training of one network went.
public struct TrainingSummary: Hashable, Sendable {
  /// The services that share the network.
  public var services: [String]
  /// Mean squared error on training targets, per epoch.
  public var trainLoss: [Double]
  /// Mean squared error on validation targets, per epoch; empty without validation.
  public var validationLoss: [Double]
  /// The epoch whose weights were kept; -1 when fine-tuning kept the shared network.
  public var bestEpoch: Int
  /// Mean squared error of the shared network on validation targets, where one was fine-tuned.
  public var baseLoss: Double?
  /// Whether training ended because its time was over.
  public var endedByTime: Bool

  /// Summarises a trainer's record.
  public init(services: [String], record: TrainingRecord) {
    self.services = services
    trainLoss = record.trainLoss
    validationLoss = record.validationLoss
    bestEpoch = record.bestEpoch
    baseLoss = record.baseLoss
    endedByTime = record.ending == .timeBudget
  }

  /// The summary as a JSON document.
  public func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "services": .array(services.map(JSONValue.string)),
      "train_loss": .array(trainLoss.map(JSONValue.number)),
      "validation_loss": .array(validationLoss.map(JSONValue.number)),
      "best_epoch": .integer(bestEpoch),
    ]
    if let baseLoss { members["base_loss"] = .number(baseLoss) }
    if endedByTime { members["ended_by"] = .string(TrainingRecord.Ending.timeBudget.rawValue) }
    return .object(members)
  }

  /// Reads a summary from an artifact's document.
  public init(json document: JSONDocument) throws {
    services = try document["services"].elements.map { try $0.string }
    trainLoss = try document["train_loss"].elements.map { try $0.number }
    validationLoss = try document["validation_loss"].elements.map { try $0.number }
    bestEpoch = try document["best_epoch"].integer
    baseLoss = try document.optional("base_loss")?.number
    endedByTime =
      try document.optional("ended_by")?.string == TrainingRecord.Ending.timeBudget.rawValue
  }
}
