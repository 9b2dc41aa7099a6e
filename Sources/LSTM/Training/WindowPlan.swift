/// How sequences are cut into windows that are learned from one by one, from a zero state.
public struct WindowPlan: Hashable, Sendable {
  /// The steps whose forecasts count.
  public enum Loss: String, CaseIterable, Hashable, Sendable {
    /// Every step of a window.
    case all
    /// A window's last step.
    case last
  }

  /// Steps of the windows, each at least 1; every length cuts all sequences.
  public var lengths: [Int]
  /// Steps from the start of a window to that of the next, at least 1.
  public var stride: Int
  /// The steps whose forecasts count.
  public var loss: Loss

  /// Makes a plan.
  public init(lengths: [Int], stride: Int, loss: Loss = .all) {
    (self.lengths, self.stride, self.loss) = (lengths, stride, loss)
  }

  var isValid: Bool {
    !lengths.isEmpty && lengths.allSatisfy { $0 >= 1 } && Set(lengths).count == lengths.count
      && stride >= 1
  }

  static let allowed = "one or more different lengths of at least 1, and a stride of at least 1"

  /// The windows of one length, in order of sequence and start.
  ///
  /// A last window that ends with its sequence covers what is left beyond the stride; a sequence
  /// that is shorter than a window is one window.
  ///
  /// - Parameter steps: Steps of each sequence.
  package func windows(length: Int, steps: [Int]) -> [Stretch] {
    steps.enumerated().flatMap { sequence, total -> [Stretch] in
      guard total > length else {
        return total > 0 ? [Stretch(sequence: sequence, start: 0, steps: total)] : []
      }
      var starts = Array(Swift.stride(from: 0, through: total - length, by: stride))
      if let last = starts.last, last + length < total { starts.append(total - length) }
      return starts.map { Stretch(sequence: sequence, start: $0, steps: length) }
    }
  }
}
