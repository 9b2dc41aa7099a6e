internal import Detection
internal import Evaluation
internal import Features
internal import Report
internal import Scoring
internal import Telemetry

/// Asks the detectors why they alarmed: in incidents, and where nothing was wrong.
struct StoryStage: Sendable {
  /// Causes that each detector names.
  private static let causes = 3
  /// False alarms that are looked into, the strongest.
  private static let mostAlarms = 500

  let threads: Int

  /// What became of incidents and why.
  struct Stories: Sendable {
    var incidents: [IncidentStory] = []
    var falseAlarms: [FalseAlarmGroup] = []
    /// False alarms beyond those that were looked into.
    var unread = 0
  }

  /// A cell of a service that somebody asks about.
  private struct Question: Hashable {
    let service: String
    let cell: Int
  }

  /// Tells the stories of a row's outcomes, in their order, and groups its false alarms.
  func callAsFunction(
    _ model: TrainedModel, _ dataset: Dataset, _ judgement: Judgement, _ detail: EvaluationDetail
  ) async throws -> Stories {
    guard let row = judgement.result.row(named: detail.primary) else { return Stories() }
    let grid = dataset.grid
    let table = judgement.scores
    let incidents = Dictionary(
      judgement.result.incidents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let places: [(outcome: IncidentOutcome, incident: Incident, question: Question)] =
      row.outcomes.compactMap { outcome in
        guard let incident = incidents[outcome.incident],
          let question = question(outcome, incident, table, judgement.result.plan)
        else { return nil }
        return (outcome, incident, question)
      }
    let alarms = detail.alarms.filter { $0.verdict == .falseAlarm }
      .sorted { ($1.peak, $0.service, $0.start) < ($0.peak, $1.service, $1.start) }
    let asked = alarms.prefix(Self.mostAlarms)
    let alarmCells = asked.compactMap { alarm -> Question? in
      grid.indices(in: TimeRange(start: alarm.peakTime - grid.interval, end: alarm.peakTime)).first
        .map { Question(service: alarm.service, cell: $0) }
    }
    let answers = try await answers(
      to: Set(places.map(\.question) + alarmCells), model.scoring, dataset)
    var stories = Stories()
    stories.unread = alarms.count - asked.count
    stories.incidents = places.map { outcome, incident, question in
      story(of: outcome, incident, question, answers[question] ?? [], model, dataset)
    }
    stories.falseAlarms = groups(asked, alarmCells, answers, model.scoring)
    return stories
  }

  /// The cell that tells most: the first alarm, else the highest score.
  private func question(
    _ outcome: IncidentOutcome, _ incident: Incident, _ table: ScoreTable, _ plan: EvaluationPlan
  ) -> Question? {
    guard let service = outcome.foundBy ?? outcome.peakService,
      let place = table.services.firstIndex(of: service), let scores = table.scores[place].last
    else { return nil }
    let grid = plan.grid
    if let found = outcome.found {
      return grid.indices(in: TimeRange(start: found - grid.interval, end: found)).first
        .map { Question(service: service, cell: $0) }
    }
    let window = grid.indices(
      touching: incident.start - plan.toleranceBefore, incident.resolved + plan.toleranceAfter)
    return window.filter { !scores[$0].isNaN }.max { (scores[$0], $1) < (scores[$1], $0) }
      .map { Question(service: service, cell: $0) }
  }

  /// What every detector that can explain itself says about the cells, the loudest first.
  private func answers(
    to questions: Set<Question>, _ model: ScoringModel, _ dataset: Dataset
  ) async throws -> [Question: [(detector: String, explanation: CellExplanation)]] {
    let cells = Dictionary(grouping: questions, by: \.service).mapValues { Set($0.map(\.cell)) }
    let frames = dataset.services.filter { cells[$0.service] != nil }
    let grid = dataset.grid
    let found = try await concurrentMap(frames, limit: threads) { frame in
      model.explainedDetectors.flatMap { name in
        model.explanations(
          of: frame, grid: grid, causes: Self.causes, by: name, at: cells[frame.service]
        ).compactMap { explanation -> (Question, (String, CellExplanation))? in
          grid.indices(
            in: TimeRange(start: explanation.time - grid.interval, end: explanation.time)
          ).first.map { (Question(service: frame.service, cell: $0), (name, explanation)) }
        }
      }
    }
    return Dictionary(grouping: found.flatMap { $0 }, by: \.0).mapValues { answers in
      answers.map { (detector: $0.1.0, explanation: $0.1.1) }
        .filter { !$0.explanation.score.isNaN }
        .sorted { ($1.explanation.score, $0.detector) < ($0.explanation.score, $1.detector) }
    }
  }

  private func story(
    of outcome: IncidentOutcome, _ incident: Incident, _ question: Question,
    _ answers: [(detector: String, explanation: CellExplanation)], _ model: TrainedModel,
    _ dataset: Dataset
  ) -> IncidentStory {
    IncidentStory(
      incident: incident.id, service: question.service,
      time: dataset.grid.timestamp(at: question.cell),
      signal: answers.first?.explanation.causes.first.flatMap {
        signal(of: $0.feature, question.service, model.scoring.features)
      },
      voices: answers.map {
        IncidentStory.Voice(
          detector: $0.detector, score: $0.explanation.score,
          causes: $0.explanation.causes.map(\.text))
      },
      logs: LogChanges(model, dataset, service: question.service)?.during(incident) ?? [])
  }

  private func groups(
    _ alarms: ArraySlice<AlarmNotification>, _ questions: [Question],
    _ answers: [Question: [(detector: String, explanation: CellExplanation)]],
    _ model: ScoringModel
  ) -> [FalseAlarmGroup] {
    struct Key: Hashable {
      let service: String
      let signal: String?
    }
    var groups: [Key: FalseAlarmGroup] = [:]
    for (alarm, question) in zip(alarms, questions) {
      let cause = answers[question]?.first?.explanation.causes.first
      let name = cause.flatMap { self.signal(of: $0.feature, alarm.service, model.features) }
      let key = Key(service: alarm.service, signal: name)
      if groups[key] == nil {
        groups[key] = FalseAlarmGroup(
          service: alarm.service, signal: name, count: 0, strongest: alarm.peakTime,
          peak: alarm.peak, cause: cause?.text)
      }
      groups[key]?.count += 1
    }
    return groups.values.sorted {
      ($1.count, $0.service, $0.signal ?? "") < ($0.count, $1.service, $1.signal ?? "")
    }
  }

  /// The metric that a feature is made of, without labels, or `logs`.
  private func signal(of feature: String, _ service: String, _ features: FeatureModel) -> String? {
    guard let model = features.service(named: service) else { return nil }
    let channel = model.channels.first {
      $0 == feature || features.definition.featureNames(ofChannel: $0).contains(feature)
    }
    guard let channel, model.metricColumns.contains(channel) else {
      return channel == nil && model.logs == nil ? nil : "logs"
    }
    return String(channel.prefix { $0 != "{" })
  }
}
