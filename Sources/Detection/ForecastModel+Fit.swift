public import Diagnostics
internal import Features
public import LSTM
public import LinearAlgebra

extension ForecastModel {
  /// How forecasters are trained.
  public struct Configuration: Hashable, Sendable {
    /// Size and training of each network.
    public var network: LSTMConfiguration
    /// Share of each service's fitted observations, the last ones, that training stops early on.
    public var validationShare: Double
    /// Whether the calendar is an input.
    public var usesCalendar: Bool
    /// How much services count beside the others of their group; 1 for those not named.
    public var serviceWeights: [String: Double] = [:]

    /// Makes a configuration.
    public init(
      network: LSTMConfiguration, validationShare: Double = 0.15, usesCalendar: Bool
    ) {
      (self.network, self.validationShare) = (network, validationShare)
      self.usesCalendar = usesCalendar
    }
  }

  /// Groups histories by their channels, in order of the first service of each group.
  public static func grouped(_ histories: [ServiceHistory]) -> [[ServiceHistory]] {
    var order: [[String]] = []
    var groups: [[String]: [ServiceHistory]] = [:]
    for history in histories.sorted(by: { $0.service < $1.service }) {
      if groups[history.channels] == nil { order.append(history.channels) }
      groups[history.channels, default: []].append(history)
    }
    return order.compactMap { groups[$0] }
  }

  /// Trains the network of one group of services with equal channels.
  ///
  /// - Parameters:
  ///   - threads: Threads that share the lanes of a batch; results do not depend on it.
  ///   - control: Time limit, checkpoint and requests to stop.
  /// - Throws: `LSTMError` when training diverges, is stopped or there is nothing to train on;
  ///   `StorageError` when a checkpoint cannot be read or written.
  public static func fit(
    group histories: [ServiceHistory], index: Int, configuration: Configuration, seed: UInt64,
    threads: Int = 1, control: TrainingControl = TrainingControl(),
    progress: @escaping ProgressSink
  ) throws -> (group: Group, record: TrainingRecord) {
    let channels = histories.first?.channels ?? []
    let (training, validation) = sequences(of: histories, configuration)
    var stream = Philox(seed: seed, purpose: "lstm", index: index)
    var trainer = LSTMTrainer(configuration: configuration.network, seed: stream.next())
    trainer.threads = threads
    let trained = try trainer.train(
      training, validation: validation, outputs: channels.count, control: control,
      progress: progress)
    return (
      Group(
        channels: channels, services: histories.map(\.service), network: trained.network),
      trained.record
    )
  }

  /// Trains the network that services share further for one of them.
  ///
  /// - Parameters:
  ///   - base: The shared network.
  ///   - frozen: Beginnings of the names of tensors that stay as they are.
  ///   - index: A number of its own among all services.
  /// - Returns: Nil when the service has too little data to train or to decide which network is
  ///   better; otherwise the better network, which the record says whether it is the shared one.
  /// - Throws: As `fit`.
  public static func fineTune(
    _ base: LSTMNetwork, for history: ServiceHistory, index: Int, frozen: [String],
    configuration: Configuration, seed: UInt64, control: TrainingControl = TrainingControl(),
    progress: @escaping ProgressSink
  ) throws -> (network: LSTMNetwork, record: TrainingRecord)? {
    let (training, validation) = sequences(of: [history], configuration)
    guard !validation.isEmpty else { return nil }
    var stream = Philox(seed: seed, purpose: "lstm fine-tuning", index: index)
    do {
      return try LSTMTrainer(configuration: configuration.network, seed: stream.next()).train(
        training, validation: validation, outputs: history.channels.count,
        from: FineTuning(base: base, frozen: frozen), control: control, progress: progress)
    } catch LSTMError.noTargets {
      return nil
    }
  }

  /// What to learn from and what to stop early on: no sequence crosses a gap, an incident or time
  /// that is not fitted on.
  private static func sequences(
    of histories: [ServiceHistory], _ configuration: Configuration
  ) -> (training: [TrainingSequence], validation: [TrainingSequence]) {
    var training: [TrainingSequence] = []
    var validation: [TrainingSequence] = []
    for history in histories {
      let fitted = history.isFitted.count { $0 }
      let kept = fitted - Int((Double(fitted) * configuration.validationShare).rounded())
      for run in history.fittedRuns {
        let before = history.isFitted[..<run.lowerBound].count { $0 }
        let cut = min(max(run.lowerBound, run.lowerBound + kept - before), run.upperBound)
        for (part, isTraining) in [(run.lowerBound..<cut, true), (cut..<run.upperBound, false)] {
          guard part.count >= 2 else { continue }
          let sequence = history.sequence(
            part, usesCalendar: configuration.usesCalendar,
            weight: Float(configuration.serviceWeights[history.service] ?? 1))
          if isTraining { training.append(sequence) } else { validation.append(sequence) }
        }
      }
    }
    return (training, validation)
  }

  /// The usual size of each channel's errors on the fitted observations of a service, [channels].
  public static func usualErrors(
    of network: LSTMNetwork, on history: ServiceHistory, usesCalendar: Bool
  ) -> [RobustSummary] {
    Forecaster(NetworkInUse(network), usesCalendar: usesCalendar).usualErrors(on: history)
  }
}

extension ServiceHistory {
  /// Maximal stretches of consecutive fitted observations that have data.
  var fittedRuns: [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for index in 0...isFitted.count {
      let inside = index < isFitted.count && isFitted[index] && observations[index].hasData
      if inside, start == nil { start = index }
      if !inside, let first = start {
        runs.append(first..<index)
        start = nil
      }
    }
    return runs
  }

  fileprivate func sequence(
    _ range: Range<Int>, usesCalendar: Bool, weight: Float
  ) -> TrainingSequence {
    let width = channels.count + (usesCalendar ? ForecastModel.calendarInputs : 0)
    let calendar = Array(repeating: false, count: width - channels.count)
    return TrainingSequence(
      rows: Matrix(
        rows: range.count, columns: width,
        elements: range.flatMap {
          Forecaster.input(observations[$0], usesCalendar: usesCalendar)
        }),
      observed: range.flatMap { observations[$0].channels.map { !$0.isNaN } + calendar },
      weight: weight)
  }
}
