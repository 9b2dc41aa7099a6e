internal import Evaluation
internal import Features
internal import Scoring
internal import Telemetry

/// What a reader of the results has to know before believing them, as sentences.
func caveats(_ model: TrainedModel, _ dataset: Dataset, _ judgement: Judgement) -> [String] {
  var caveats: [String] = []
  let time = FittingTime(
    dataset, split: model.split, margin: model.incidentMargin,
    lookBack: model.scoring.features.definition.historyLength)
  let cells = model.scoring.services.reduce(0) { total, service in
    total + time.calibration(of: service).count { $0 } / 2
  }
  let allowed = Double(cells) * model.falseAlarmRate
  if allowed < 10 {
    caveats.append(
      "Alert boundaries rest on \(cells) calibration cells, of which \(Int(allowed)) may lie above: "
        + "too few to hold the rate of \(model.falseAlarmRate); expect more alarms than that.")
  }
  if model.split.testsBeforeFitting {
    caveats.append(
      "Part of the test time lies before the end of the time that models and thresholds were "
        + "fitted on, as configured.")
  }
  let lostLogs = model.dropped.count { $0.channel == "logs" }
  if lostLogs > 0 {
    caveats.append(
      "Logs of \(lostLogs) services are not used: none were recorded in their training time.")
  }
  let lost = model.dropped.count { $0.channel == FeatureFitting.everyChannel }
  if lost > 0 {
    caveats.append("\(lost) services are left out: they have no usable training cell.")
  }
  return caveats
}
