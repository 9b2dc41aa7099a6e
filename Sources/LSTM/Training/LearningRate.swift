#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The step size at any time of a training run.
///
/// Equal to PyTorch's `LinearLR`, `CosineAnnealingLR` and `ReduceLROnPlateau` (with its relative
/// threshold of 1e-4) at the ends of epochs, and in between at every gradient step.
package struct LearningRate: Hashable, Sendable {
  /// What warming up starts from, as a share of the step size.
  private static let warmUpStart = 0.01
  /// What counts as a fall of the loss, as a share of it.
  private static let leastFall = 1e-4
  /// A change of the step size that is too small to be made.
  private static let leastChange = 1e-8

  private let initial: Double
  private let schedule: LearningRateSchedule
  private let warmUp: Double
  private let epochs: Double
  /// What a plateau schedule has come to.
  var plateau: Plateau

  /// The memory of a plateau schedule.
  struct Plateau: Hashable, Sendable {
    /// The step size now.
    var rate: Double
    /// The lowest loss so far.
    var lowest = Double.infinity
    /// Epochs since it fell.
    var waited = 0
  }

  /// Starts a run of `configuration.epochs`.
  package init(_ configuration: LSTMConfiguration) {
    initial = Double(configuration.learningRate)
    (schedule, warmUp) = (configuration.schedule, configuration.warmUp)
    epochs = Double(configuration.epochs)
    plateau = Plateau(rate: initial)
  }

  /// The step size at a time in epochs, of which the whole part is over.
  package func value(at time: Double) -> Double {
    warmUpShare(at: time) * falling(at: time)
  }

  private func warmUpShare(at time: Double) -> Double {
    guard time < warmUp else { return 1 }
    return Self.warmUpStart + (1 - Self.warmUpStart) * time / warmUp
  }

  private func falling(at time: Double) -> Double {
    switch schedule {
    case .constant: return initial
    case .plateau: return plateau.rate
    case .cosine(let floor):
      guard time > warmUp, floor < initial else { return initial }
      let share = min(1, (time - warmUp) / (epochs - warmUp))
      return floor + (initial - floor) * (1 + cos(.pi * share)) / 2
    }
  }

  /// Takes in the loss of an epoch.
  package mutating func observe(_ loss: Double) {
    guard case .plateau(let factor, let patience, let floor) = schedule else { return }
    if loss < plateau.lowest * (1 - Self.leastFall) {
      (plateau.lowest, plateau.waited) = (loss, 0)
      return
    }
    plateau.waited += 1
    guard plateau.waited > patience else { return }
    let next = max(plateau.rate * factor, floor)
    if plateau.rate - next > Self.leastChange { plateau.rate = next }
    plateau.waited = 0
  }
}
