internal import Storage
internal import Telemetry

extension DetectorResult {
  var json: JSONValue {
    [
      "name": .string(name),
      "ranking": ranking.json,
      "mean_service_average_precision": .optional(meanServiceAveragePrecision),
      "events": events.json,
      "coverage": .number(coverage),
      "time_in_alert": .number(timeInAlert),
      "incidents": .array(outcomes.map(\.json)),
      "services": .array(services.map(\.json)),
      "quality": quality.map { $0.json } ?? .null,
      "intervals": intervals.map { $0.json } ?? .null,
    ]
  }

  init(json: JSONDocument) throws {
    self.init(
      name: try json["name"].string, ranking: try RankingResult(json: json["ranking"]),
      meanServiceAveragePrecision: try json.optional("mean_service_average_precision")?.number,
      events: try EventResult(json: json["events"]), coverage: try json["coverage"].number,
      timeInAlert: try json["time_in_alert"].number,
      outcomes: try json["incidents"].elements.map(IncidentOutcome.init(json:)),
      services: try json["services"].elements.map(ServiceResult.init(json:)),
      quality: try json.optional("quality").map(SeriesQuality.init(json:)),
      intervals: try json.optional("intervals").map(ResultIntervals.init(json:)))
  }
}

extension RankingResult {
  fileprivate var json: JSONValue {
    [
      "average_precision": .optional(averagePrecision), "prevalence": .optional(prevalence),
      "lift": .optional(lift),
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    self.init(
      averagePrecision: try json.optional("average_precision")?.number,
      prevalence: try json.optional("prevalence")?.number)
  }
}

extension EventResult {
  fileprivate var json: JSONValue {
    [
      "found": .integer(found), "missed": .integer(missed),
      "true_notifications": .integer(trueNotifications), "false_alarms": .integer(falseAlarms),
      "ignored_notifications": .integer(ignoredNotifications),
      "recall": .number(recall), "precision": .optional(precision), "f1": .number(f1),
      "false_alarms_per_service_day": .optional(falseAlarmsPerServiceDay),
      "median_delay_seconds": .optional(medianDelay),
      "ninetieth_delay_seconds": .optional(ninetiethDelay),
      "recall_at_1_percent_quiet": .optional(recallAtOnePercentQuiet),
      "recall_at_5_percent_quiet": .optional(recallAtFivePercentQuiet),
      "chance": chance.map { $0.json } ?? .null,
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    self.init(
      found: try json["found"].integer, missed: try json["missed"].integer,
      trueNotifications: try json["true_notifications"].integer,
      falseAlarms: try json["false_alarms"].integer,
      ignoredNotifications: try json["ignored_notifications"].integer,
      falseAlarmsPerServiceDay: try json.optional("false_alarms_per_service_day")?.number,
      medianDelay: try json.optional("median_delay_seconds")?.span,
      ninetiethDelay: try json.optional("ninetieth_delay_seconds")?.span,
      recallAtOnePercentQuiet: try json.optional("recall_at_1_percent_quiet")?.number,
      recallAtFivePercentQuiet: try json.optional("recall_at_5_percent_quiet")?.number,
      chance: try json.optional("chance").map(ChanceRecall.init(json:)))
  }
}

extension ChanceRecall {
  fileprivate var json: JSONValue {
    ["recall": .number(recall), "probability": .number(probability)]
  }

  fileprivate init(json: JSONDocument) throws {
    self.init(
      recall: try json["recall"].number, probability: try json["probability"].number)
  }
}

extension IncidentOutcome {
  fileprivate var json: JSONValue {
    [
      "id": .string(incident), "is_found": .bool(isFound), "found": .optional(found),
      "delay_seconds": .optional(delay), "found_by": .optional(foundBy),
      "began_earlier": .bool(beganEarlier), "peak": .optional(peak.map(Double.init)),
      "peak_service": .optional(peakService),
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    self.init(
      incident: try json["id"].string, found: try json.optional("found")?.time,
      delay: try json.optional("delay_seconds")?.span,
      foundBy: try json.optional("found_by")?.string,
      beganEarlier: try json["began_earlier"].bool,
      peak: try json.optional("peak").map { Float(try $0.number) },
      peakService: try json.optional("peak_service")?.string)
  }
}

extension ServiceResult {
  fileprivate var json: JSONValue {
    [
      "service": .string(service), "ranking": ranking.json,
      "true_notifications": .integer(trueNotifications), "false_alarms": .integer(falseAlarms),
      "ignored_notifications": .integer(ignoredNotifications), "coverage": .number(coverage),
      "quality": quality.map { $0.json } ?? .null,
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    self.init(
      service: try json["service"].string, ranking: try RankingResult(json: json["ranking"]),
      trueNotifications: try json["true_notifications"].integer,
      falseAlarms: try json["false_alarms"].integer,
      ignoredNotifications: try json["ignored_notifications"].integer,
      coverage: try json["coverage"].number,
      quality: try json.optional("quality").map(SeriesQuality.init(json:)))
  }
}

extension ResultIntervals {
  fileprivate var json: JSONValue {
    [
      "average_precision": averagePrecision.map { $0.json } ?? .null,
      "recall": recall.map { $0.json } ?? .null,
      "first_minus_this": firstMinusThis.map { $0.json } ?? .null,
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    self.init(
      averagePrecision: try json.optional("average_precision").map(Interval.init(json:)),
      recall: try json.optional("recall").map(Interval.init(json:)),
      firstMinusThis: try json.optional("first_minus_this").map(Interval.init(json:)))
  }
}

extension Interval {
  fileprivate var json: JSONValue { ["low": .number(low), "high": .number(high)] }

  fileprivate init(json: JSONDocument) throws {
    self.init(low: try json["low"].number, high: try json["high"].number)
  }
}
