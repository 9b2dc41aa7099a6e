/// How long a training run may take, and where it keeps its state.
///
/// Nothing of this changes what an uninterrupted run comes to; a time limit that ends a run does.
public struct TrainingControl: Sendable {
  /// The file that keeps the run's state, and that it goes on from when it is there; nil for none.
  public var checkpoint: String?
  /// Least time between two writes of the file while training goes on.
  public var checkpointInterval = Duration.seconds(600)
  /// Time for training on `clock`, from the call on; nil for as long as it takes.
  public var timeLimit: Duration?
  /// Whether somebody wants the run to stop: asked before every batch. The state is kept, and
  /// `LSTMError.stopped` thrown.
  public var shouldStop: @Sendable () -> Bool = { false }
  /// Time since any fixed moment.
  public var clock: @Sendable () -> Duration

  /// Makes a control without checkpoints and limits.
  public init(checkpoint: String? = nil) {
    self.checkpoint = checkpoint
    let start = ContinuousClock.now
    clock = { ContinuousClock.now - start }
  }
}
