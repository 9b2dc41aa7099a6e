public import Storage
internal import Telemetry

extension EvaluationDetail {
  /// The detail as members of a document; `docs/schemas/detail.schema.json` describes them.
  public func json() -> [String: JSONValue] {
    [
      "primary": .string(primary),
      "curves": .array(curves.map(\.json)),
      "boundaries": .array(boundaries.map(\.json)),
      "alarms": .array(alarms.map(\.json)),
      "slices": .array(slices.map(\.json)),
      "label_lag": .array(lags.map(\.json)),
      "label_findings": .array(labels.map(\.json)),
    ]
  }
}

extension PrecisionRecallCurve {
  fileprivate var json: JSONValue {
    [
      "detector": .string(detector), "points": .array(points.map(\.json)),
      "at_boundary": atBoundary?.json ?? .null,
    ]
  }
}

extension PrecisionRecallCurve.Point {
  fileprivate var json: JSONValue {
    ["score": .float(score), "recall": .number(recall), "precision": .number(precision)]
  }
}

extension BoundaryCheck {
  fileprivate var json: JSONValue {
    [
      "detector": .string(detector), "quiet_share": .optional(quietShare),
      "calibration_share": .optional(calibrationShare),
      "quiet_quantiles": quietQuantiles.map { quantiles in
        .array(
          zip(Self.probabilities, quantiles).map {
            ["probability": .number($0), "score": .number($1)]
          })
      } ?? .null,
    ]
  }
}

extension AlarmNotification {
  fileprivate var json: JSONValue {
    [
      "service": .string(service), "start": .time(start), "end": .time(end), "peak": .float(peak),
      "peak_time": .time(peakTime), "verdict": .string(verdict.rawValue),
    ]
  }
}

extension ResultSlice {
  fileprivate var json: JSONValue {
    [
      "dimension": .string(dimension.rawValue), "name": .string(name),
      "incidents": .integer(incidents), "found": .integer(found),
      "median_delay_seconds": .optional(medianDelay),
      "false_alarms": falseAlarms.map(JSONValue.integer) ?? .null,
    ]
  }
}

extension LabelLag {
  fileprivate var json: JSONValue {
    [
      "shift_seconds": .span(shift), "average_precision": .optional(averagePrecision),
      "found": .integer(found), "incidents": .integer(incidents),
    ]
  }
}

extension LabelFinding {
  fileprivate var json: JSONValue {
    [
      "reason": .string(reason.rawValue), "incidents": .array(incidents.map(JSONValue.string)),
      "text": .string(text),
    ]
  }
}
