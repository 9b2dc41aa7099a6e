internal import Detection
internal import Diagnostics
internal import LSTM
internal import Telemetry

/// Trains the LSTM forecasters of all services: a network for each group with equal channels, and
/// where configured one for each service of a group, which goes on from the group's.
struct ForecastFitting: Sendable {
  let section: PipelineConfiguration.ForecastSection
  let seed: UInt64
  let threads: Int
  let limits: TrainingLimits
  let progress: ProgressSink
  let times: FitTimes

  /// A service with the network of its group.
  private struct Member: Sendable {
    var history: ServiceHistory
    var base: LSTMNetwork
    /// The group's number, and the service's within it.
    var (group, number): (Int, Int)
  }

  /// Trains on histories.
  ///
  /// - Returns: The model, and how each training went: groups first, then fine-tuned services.
  func callAsFunction(
    _ histories: [ServiceHistory]
  ) async throws -> (ForecastModel, [TrainingSummary]) {
    try limits.prepareCheckpoints()
    let groups = ForecastModel.grouped(histories)
    let shares = shares(of: groups)
    let fitted = try await listening {
      try await fit(groups, shares: shares)
    }
    var summaries = fitted.map {
      TrainingSummary(services: $0.group.services, record: $0.record)
    }
    var networks = fitted.map(\.group)
    if let fineTuning = section.fineTuning {
      let members = zip(groups, fitted).enumerated().flatMap { index, pair in
        pair.0.count < 2
          ? []
          : pair.0.enumerated().map {
            Member(
              history: $1, base: pair.1.group.network, group: index, number: $0)
          }
      }
      let tuned = try await listening {
        try await fineTune(members, fineTuning, shares: shares)
      }
      for (member, result) in zip(members, tuned) {
        guard let result else { continue }
        let service = member.history.service
        summaries.append(TrainingSummary(services: [service], record: result.record))
        guard !result.record.keptBase else { continue }
        networks[member.group].services.removeAll { $0 == service }
        networks.append(
          ForecastModel.Group(
            channels: member.history.channels, services: [service], network: result.network))
      }
      networks.removeAll { $0.services.isEmpty }
      networks.sort { ($0.services.first ?? "") < ($1.services.first ?? "") }
    }
    return (try await model(of: networks, histories), summaries)
  }

  private func fit(
    _ groups: [[ServiceHistory]], shares: TimeShares
  ) async throws -> [(group: ForecastModel.Group, record: TrainingRecord)] {
    let (configuration, seed, progress) = (configuration, seed, progress)
    let together = max(1, threads / max(1, groups.count))
    return try await concurrentMap(Array(groups.enumerated()), limit: threads) { index, group in
      try times.measure(ForecastModel.name) {
        try ForecastModel.fit(
          group: group, index: index, configuration: configuration, seed: seed,
          threads: together,
          control: control("\(index)", time: shares.take(work(of: group))), progress: progress)
      }
    }
  }

  private func fineTune(
    _ members: [Member], _ fineTuning: PipelineConfiguration.FineTuningSection, shares: TimeShares
  ) async throws -> [(network: LSTMNetwork, record: TrainingRecord)?] {
    var configuration = configuration
    let rate = configuration.network.learningRate
    configuration.network.learningRate = fineTuning.learningRate ?? rate / 10
    configuration.network.epochs = fineTuning.epochs
    configuration.network.patience = fineTuning.patience
    // The weights are warm already.
    configuration.network.warmUp = 0
    // A schedule falls by the same factor from the smaller step size.
    configuration.network.schedule = configuration.network.schedule.scaled(
      by: Double(configuration.network.learningRate / rate))
    let (seed, progress) = (seed, progress)
    return try await concurrentMap(Array(members.enumerated()), limit: threads) {
      [configuration] index, member in
      try ForecastModel.fineTune(
        member.base, for: member.history, index: index, frozen: fineTuning.frozen,
        configuration: configuration, seed: seed,
        control: control(
          "\(member.group)-\(member.number)",
          time: shares.take(work(of: [member.history], epochs: fineTuning.epochs))),
        progress: progress)
    }
  }

  /// The model of trained networks with the usual errors of every service.
  private func model(
    of groups: [ForecastModel.Group], _ histories: [ServiceHistory]
  ) async throws -> ForecastModel {
    let work = histories.compactMap { history in
      groups.first { $0.services.contains(history.service) }
        .map { (history: history, network: $0.network) }
    }
    let errors = try await concurrentMap(work, limit: threads) {
      ForecastModel.usualErrors(
        of: $0.network, on: $0.history, usesCalendar: section.calendar)
    }
    var model = ErrorModel(score: section.score, smoothing: section.smoothing)
    for (history, usual) in zip(work.map(\.history), errors) {
      model.usual[history.service] = usual
      model.leaveOut(history.isState, of: history.service)
    }
    return ForecastModel(groups: groups, errors: model, usesCalendar: section.calendar)
  }

  private var configuration: ForecastModel.Configuration {
    var configuration = ForecastModel.Configuration(
      network: section.network, usesCalendar: section.calendar)
    configuration.serviceWeights = section.serviceWeights
    return configuration
  }

  // MARK: - Time

  private func control(_ name: String, time: Duration?) -> TrainingControl {
    var control = TrainingControl(
      checkpoint: limits.checkpoints.map {
        "\($0)/\(TrainingLimits.checkpointPrefix)\(name).safetensors"
      })
    control.checkpointInterval = .milliseconds(section.checkpointInterval.milliseconds)
    control.timeLimit = time
    if let stop = limits.stop { control.shouldStop = { stop.isMade } }
    return control
  }

  private func work(of histories: [ServiceHistory], epochs: Int? = nil) -> Double {
    let rows = histories.reduce(0) { $0 + $1.isFitted.count { $0 } }
    return Double(rows * (epochs ?? section.network.epochs))
  }

  private func shares(of groups: [[ServiceHistory]]) -> TimeShares {
    var work = groups.reduce(0) { $0 + self.work(of: $1) }
    if let fineTuning = section.fineTuning {
      for group in groups where group.count > 1 {
        work += self.work(of: group, epochs: fineTuning.epochs)
      }
    }
    let end = section.maxDuration.map { limits.start + .milliseconds($0.milliseconds) }
    return TimeShares(end: end, slots: threads, work: work)
  }

  private func listening<Result>(_ work: () async throws -> Result) async throws -> Result {
    guard let stop = limits.stop else { return try await work() }
    let result = try await stop.listening(work)
    // Who asked while the last network was at its end shall not wait for what follows either.
    if stop.isMade { throw LSTMError.stopped(checkpoint: limits.checkpoints) }
    return result
  }
}
