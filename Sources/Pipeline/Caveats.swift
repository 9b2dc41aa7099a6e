public import Evaluation
internal import Detection
internal import Features
internal import Report
internal import Scoring
public import Storage
internal import Telemetry

/// Fewer exceedances than this leave the rate of false alarms open by half and more.
private let leastExceedances = 10.0
/// Fewer incidents than this say little about the next one.
private let leastIncidents = 5

/// What a reader of the results has to know before believing them, as sentences.
func caveats(_ model: TrainedModel, _ judgement: Judgement) -> [String] {
  [
    thinCalibration(model), fewIncidents(judgement.result), unbeatenBaselines(judgement.result),
  ].compactMap { $0 }
    + orderOfTime(model) + unfinishedTraining(model) + unusedData(model)
    + unjudgedServices(judgement)
}

private func thinCalibration(_ model: TrainedModel) -> String? {
  let cells = model.boundaryCells
  let allowed = Double(cells) * model.falseAlarmRate
  guard allowed < leastExceedances else { return nil }
  return "Alert boundaries rest on \(counted(cells, "calibration cell")), of which \(Int(allowed)) "
    + "may lie above: too few to hold a rate of \(percent(model.falseAlarmRate)); expect more "
    + "alarms than that."
}

private func fewIncidents(_ result: EvaluationResult) -> String? {
  guard result.counts.incidents < leastIncidents else { return nil }
  return "The test holds \(counted(result.counts.incidents, "incident")): one more found or missed "
    + "moves recall by \(percent(1 / Double(max(1, result.counts.incidents))))."
}

/// A network that ranks no better than a linear model is not worth its training.
private func unbeatenBaselines(_ result: EvaluationResult) -> String? {
  func precision(_ name: String) -> Double? {
    result.rows.first { $0.name == name }?.ranking.averagePrecision
  }
  guard let lstm = precision(ForecastModel.name) else { return nil }
  let unbeaten = [
    (ComponentsModel.name, "PCA"), (WindowedComponentsModel.name, "windowed PCA"),
    (AutoregressionModel.name, "autoregression"), ("moving_z", "moving z"), ("random", "chance"),
  ].compactMap { name, words in
    precision(name).flatMap { $0 >= lstm ? "\(words) (\(fixed($0, 3)))" : nil }
  }
  guard let last = unbeaten.last else { return nil }
  let others = unbeaten.dropLast().joined(separator: ", ")
  return "LSTM does not beat \(others.isEmpty ? last : "\(others) or \(last)") here: its AUC-PR is "
    + "\(fixed(lstm, 3))."
}

private func orderOfTime(_ model: TrainedModel) -> [String] {
  guard model.split.testsBeforeFitting else { return [] }
  return [
    "Part of the test time lies before the end of the time that models and thresholds were "
      + "fitted on, as configured."
  ]
}

private func unfinishedTraining(_ model: TrainedModel) -> [String] {
  let ended = model.training.count { $0.endedByTime }
  guard ended > 0 else { return [] }
  return [
    "The time budget ended the training of \(counted(ended, "LSTM network")) of "
      + "\(model.training.count) early: the same run with more time may come to a better model."
  ]
}

private func unusedData(_ model: TrainedModel) -> [String] {
  var caveats: [String] = []
  let withoutLogs = model.dropped.count { $0.channel == "logs" }
  if withoutLogs > 0 {
    caveats.append(
      "Logs of \(counted(withoutLogs, "service")) are not used: none were recorded in training "
        + "time.")
  }
  let untrained = model.dropped.count { $0.channel == FeatureFitting.everyChannel }
  if untrained > 0 {
    caveats.append(
      "\(counted(untrained, "service")) left out for want of a usable training cell.")
  }
  return caveats
}

private func unjudgedServices(_ judgement: Judgement) -> [String] {
  var caveats: [String] = []
  if !judgement.unknownServices.isEmpty {
    caveats.append(
      "\(counted(judgement.unknownServices.count, "service")) of the data unknown to the model and "
        + "not judged.")
  }
  if !judgement.scores.absentServices.isEmpty {
    caveats.append(
      "\(counted(judgement.scores.absentServices.count, "service")) of the model without enough "
        + "data here and not judged.")
  }
  return caveats
}

extension EvaluationResult {
  /// The result as a JSON document with what a reader has to know before believing it.
  public func json(caveats: [String]) -> JSONValue {
    guard case .object(var members) = json() else { return json() }
    members["caveats"] = .array(caveats.map { .string($0) })
    return .object(members)
  }
}
