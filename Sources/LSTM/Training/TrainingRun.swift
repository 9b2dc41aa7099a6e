internal import Diagnostics

/// A network in training with all the memory that training needs.
struct TrainingRun {
  private var state: TrainingState
  private let configuration: LSTMConfiguration
  private let seed: UInt64
  private let control: TrainingControl
  private let checkpoint: TrainingCheckpoint?
  private let isFineTuning: Bool
  private let frozen: [Range<Int>]
  private let shards: LSTMShards
  private var batch: LSTMBatch
  private var meter: TrainingMeter
  private var lastSaved: Duration

  init(
    _ network: LSTMNetwork, _ configuration: LSTMConfiguration, seed: UInt64, threads: Int,
    fineTuning: FineTuning?, control: TrainingControl, checkpoint: TrainingCheckpoint?
  ) {
    (self.configuration, self.seed, self.control) = (configuration, seed, control)
    self.checkpoint = checkpoint
    let shape = network.shape
    (isFineTuning, frozen) = (fineTuning != nil, shape.ranges(frozen: fineTuning?.frozen ?? []))
    state = TrainingState(network, configuration, frozen: fineTuning?.frozen ?? [])
    let lanes = configuration.batch
    let steps = max(configuration.chunk, configuration.windows?.lengths.max() ?? 0)
    shards = LSTMShards(
      shape: shape, lanes: lanes, steps: steps, dropout: configuration.dropout > 0,
      shardLanes: configuration.shardLanes, threads: WorkerThreads(threads: threads))
    batch = LSTMBatch(shape: shape, lanes: lanes, steps: steps)
    let now = control.clock()
    meter = TrainingMeter(start: now, limit: control.timeLimit, epochs: configuration.epochs)
    lastSaved = now
  }

  /// Trains to the end, or as long as time allows.
  mutating func callAsFunction(
    _ training: [TrainingSequence], validation: [TrainingSequence], progress: ProgressSink
  ) throws -> (network: LSTMNetwork, record: TrainingRecord) {
    if try checkpoint?.restore(&state) != true, isFineTuning {
      state.record.bestEpoch = -1
      if !validation.isEmpty {
        state.lowest = try validationLoss(on: validation)
        state.record.baseLoss = state.lowest
      }
    }
    let steps = training.map(\.steps)
    while !state.isFinished {
      let groups = TrainingGroup.epoch(
        state.epoch, steps: steps, configuration: configuration, seed: seed)
      meter.begin(
        work: groups.reduce(0) { $0 + $1.work },
        done: groups[..<state.group].reduce(0) { $0 + $1.work })
      while state.group < groups.count {
        if control.shouldStop() {
          try save()
          throw LSTMError.stopped(checkpoint: control.checkpoint)
        }
        if meter.isOver(at: control.clock()) {
          guard !state.isFresh || isFineTuning else { throw LSTMError.noTime }
          try save()
          return state.endedByTime()
        }
        let group = groups[state.group]
        try walk(group, of: training, part: "training", share: 1 / Double(groups.count))
        state.group += 1
        meter.count(group.work)
        try saveIfDue()
        if let event = meter.event(within: state, at: control.clock()) { progress(event) }
      }
      guard state.lossWeight > 0 else { throw LSTMError.noTargets(part: "training") }
      let loss = validation.isEmpty ? nil : try validationLoss(on: validation)
      state.finishEpoch(validation: loss, configuration)
      progress(meter.event(after: state, at: control.clock()))
      if !state.isFinished { try saveIfDue() }
    }
    try save()
    return (state.best, state.record)
  }

  private mutating func save() throws {
    try checkpoint?.save(state)
    lastSaved = control.clock()
  }

  private mutating func saveIfDue() throws {
    guard checkpoint != nil, control.clock() - lastSaved >= control.checkpointInterval else {
      return
    }
    try save()
  }

  // MARK: - Batches

  /// The mean loss on sequences, each walked whole from a zero state as in production.
  private mutating func validationLoss(
    on sequences: [TrainingSequence]
  ) throws(LSTMError) -> Double {
    let training = (state.lossSum, state.lossWeight)
    (state.lossSum, state.lossWeight) = (0, 0)
    defer { (state.lossSum, state.lossWeight) = training }
    let groups = TrainingGroup.whole(
      steps: sequences.map(\.steps), configuration: configuration)
    for group in groups {
      try walk(group, of: sequences, part: "validation", share: nil)
    }
    return state.lossSum / state.lossWeight
  }

  /// Walks lanes from a zero state and adds their loss to the state's.
  ///
  /// - Parameter share: The part of an epoch that the group is; nil for not to learn.
  private mutating func walk(
    _ group: TrainingGroup, of sequences: [TrainingSequence], part: String, share: Double?
  ) throws(LSTMError) {
    shards.reset(lanes: group.lanes.count)
    for begin in stride(from: 0, to: group.steps, by: group.chunk) {
      let steps = min(group.chunk, group.steps - begin)
      batch.load(group.lanes, of: sequences, from: begin, steps: steps)
      batch.weigh(group.lanes, of: sequences, from: begin)
      if share != nil, configuration.windows?.loss == .last {
        batch.keepLastTargets(of: group.lanes)
      }
      if let share {
        let place = Double(state.group) + Double(begin) / Double(group.steps)
        state.optimiser.learningRate = Float(
          state.rate.value(at: Double(state.epoch) + place * share))
      }
      let loss =
        share == nil
        ? shards.loss(state.network, batch)
        : shards.gradients(state.network, batch, dropout: dropout)
      (state.lossSum, state.lossWeight) = (
        state.lossSum + loss.sum, state.lossWeight + loss.weight
      )
      guard loss.sum.isFinite, share == nil || loss.weight == 0 || step() else {
        throw .diverged(
          part: part, epoch: state.epoch, step: state.optimiser.steps,
          learningRate: state.optimiser.learningRate)
      }
      shards.carry(after: steps)
    }
  }

  /// What is dropped in the next step of the optimiser.
  private var dropout: LSTMDropout? {
    configuration.dropout > 0
      ? LSTMDropout(rate: configuration.dropout, seed: seed, step: state.optimiser.steps) : nil
  }

  /// One step of the optimiser; false when the gradient is not finite.
  private mutating func step() -> Bool {
    shards.clearGradients(in: frozen)
    let length = norm(of: shards.gradients)
    guard length.isFinite else { return false }
    state.optimiser.update(
      &state.network.parameters, gradients: shards.gradients,
      scale: clippingScale(norm: length, limit: configuration.gradientNorm))
    return true
  }
}
