public import Diagnostics

/// Why an LSTM could not be trained or loaded.
public enum LSTMError: DiagnosedError, Equatable {
  /// A setting is outside its range.
  case invalidConfiguration(name: String, value: String, allowed: String)
  /// No row of the sequences has an observed target; `part` is `training` or `validation`.
  case noTargets(part: String)
  /// No sequence is as long as a window and has an observed value in one.
  case noWindows(part: String, length: Int)
  /// An input is NaN or infinite; indices count from 0.
  case nonFiniteInput(part: String, sequence: Int, row: Int, column: Int)
  /// A row's weight is neither 0 nor within `TrainingSequence.weightRange`; indices count from 0.
  case invalidWeight(part: String, sequence: Int, row: Int, value: Float)
  /// The loss left the finite numbers; `epoch` and `step` count from 0.
  case diverged(part: String, epoch: Int, step: Int, learningRate: Float)
  /// The time for training was over before the first batch.
  case noTime
  /// Training was stopped from outside; `checkpoint` keeps its state.
  case stopped(checkpoint: String?)
  /// A checkpoint belongs to a run that differs in `name`.
  case foreignCheckpoint(path: String, name: String, here: String, there: String)
  /// A checkpoint is not what was written.
  case damagedCheckpoint(path: String, reason: String)
  /// A stored weight is NaN or infinite.
  case nonFiniteWeight(source: String, tensor: String, element: Int)
  /// The tensors of a file are not the weights of an LSTM with a linear head.
  case unusableWeights(source: String, reason: String)
  /// Saved memory of a network is not what was written.
  case damagedState(source: String, reason: String)
  /// Saved memory belongs to another network or another version of this program.
  case foreignState(source: String, reason: String)

  /// Bad settings or data, or a stored file that cannot be trusted.
  public var kind: FailureKind {
    switch self {
    case .invalidConfiguration, .noTargets, .noWindows, .nonFiniteInput, .invalidWeight, .diverged,
      .noTime, .foreignCheckpoint, .unusableWeights:
      .invalidInput
    case .stopped: .environment
    case .nonFiniteWeight, .damagedCheckpoint, .damagedState, .foreignState: .integrity
    }
  }

  /// One line: what is wrong, where, and what to do about it.
  public var description: String {
    switch self {
    case .invalidConfiguration(let name, let value, let allowed):
      "lstm: \(name) is \(value); it must be \(allowed)"
    case .noTargets(let part):
      "lstm: the \(part) sequences hold no observed value to forecast; give at least two rows in "
        + "a row with an observed value in the second"
    case .noWindows(let part, let length):
      "lstm: no \(part) sequence holds a window of \(length) rows with an observed value; give "
        + "longer sequences or shorten the window"
    case .nonFiniteInput(let part, let sequence, let row, let column):
      "lstm: \(part) sequence \(sequence), row \(row), column \(column) is not a finite number; "
        + "replace missing values by 0 and mark them unobserved"
    case .invalidWeight(let part, let sequence, let row, let value):
      "lstm: \(part) sequence \(sequence), row \(row) has the weight \(value); a weight must be 0 or "
        + "from \(TrainingSequence.weightRange.lowerBound) to "
        + "\(TrainingSequence.weightRange.upperBound)"
    case .diverged(let part, let epoch, let step, let learningRate):
      "lstm: the \(part) loss is not finite in epoch \(epoch), step \(step), at learning rate "
        + "\(learningRate); lower the learning rate, let it warm up, or scale the inputs"
    case .noTime:
      "lstm: the time for training was over before the first batch; raise --max-duration or "
        + "models.lstm.max_duration"
    case .stopped(let checkpoint?):
      "lstm: training was stopped; the same command goes on from \(checkpoint)"
    case .stopped(nil):
      "lstm: training was stopped"
    case .foreignCheckpoint(let path, let name, let here, let there):
      "\(path): belongs to another training run: \(name) is \(there) there and \(here) here; train "
        + "with equal data, configuration and seed, or start anew with --restart"
    case .damagedCheckpoint(let path, let reason):
      "\(path): not a whole checkpoint (\(reason)); start anew with --restart"
    case .nonFiniteWeight(let source, let tensor, let element):
      "\(source): tensor '\(tensor)' holds a number that is not finite at element \(element); "
        + "fetch the artifact again or train anew"
    case .unusableWeights(let source, let reason):
      "\(source): not the weights of an LSTM with a linear head: \(reason)"
    case .damagedState(let source, let reason):
      "\(source): not a usable state of an LSTM: \(reason); start with a fresh state"
    case .foreignState(let source, let reason):
      "\(source): a state of another LSTM: \(reason); start with a fresh state"
    }
  }
}
