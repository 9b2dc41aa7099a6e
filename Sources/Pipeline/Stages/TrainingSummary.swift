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
  /// The epoch whose weights were kept.
  public var bestEpoch: Int

  /// Summarises a trainer's record.
  public init(services: [String], record: TrainingRecord) {
    self.services = services
    trainLoss = record.trainLoss
    validationLoss = record.validationLoss
    bestEpoch = record.bestEpoch
  }

  /// The summary as a JSON document.
  public func json() -> JSONValue {
    [
      "services": .array(services.map(JSONValue.string)),
      "train_loss": .array(trainLoss.map(JSONValue.number)),
      "validation_loss": .array(validationLoss.map(JSONValue.number)),
      "best_epoch": .integer(bestEpoch),
    ]
  }

  /// Reads a summary from an artifact's document.
  public init(json document: JSONDocument) throws {
    services = try document["services"].elements.map { try $0.string }
    trainLoss = try document["train_loss"].elements.map { try $0.number }
    validationLoss = try document["validation_loss"].elements.map { try $0.number }
    bestEpoch = try document["best_epoch"].integer
  }
}
