/// How the step size falls in the course of training.
public enum LearningRateSchedule: Hashable, Sendable {
  /// Not at all.
  case constant
  /// Along half a cosine down to `floor` at the end of the last epoch (Loshchilov and Hutter 2017,
  /// equation 5, without restarts).
  case cosine(floor: Double)
  /// By `factor` whenever the validation loss, or without validation the training loss, has not
  /// fallen by 0.01 % for more than `patience` epochs, but not below `floor`.
  case plateau(factor: Double, patience: Int, floor: Double)

  /// The schedule of a step size that is larger or smaller by a factor.
  public func scaled(by factor: Double) -> LearningRateSchedule {
    switch self {
    case .constant: self
    case .cosine(let floor): .cosine(floor: floor * factor)
    case .plateau(let cut, let patience, let floor):
      .plateau(factor: cut, patience: patience, floor: floor * factor)
    }
  }

  /// Whether it can lower a step size.
  func isValid(for learningRate: Float) -> Bool {
    let floors = 0...Double(learningRate)
    return switch self {
    case .constant: true
    case .cosine(let floor): floors.contains(floor)
    case .plateau(let factor, let patience, let floor):
      factor > 0 && factor < 1 && patience >= 0 && floors.contains(floor)
    }
  }

  static let allowed =
    "of a floor from 0 to the learning rate, a factor between 0 and 1, a patience of 0 or more"
}
