public import Evaluation
public import Storage

/// What lies behind the figures of a report, and the reasons that detectors give.
public struct ReportFindings: Hashable, Sendable {
  /// Curves, boundaries, alarms, slices and labels.
  public var detail: EvaluationDetail
  /// A story for each tested incident of a scored service, in the order of their start.
  public var stories: [IncidentStory]
  /// False alarms by service and cause, the most frequent first.
  public var falseAlarms: [FalseAlarmGroup]
  /// False alarms that are in no group.
  public var unreadAlarms: Int
  /// Metrics by how much they drifted.
  public var drift: [DriftRow]

  /// Makes findings.
  public init(
    detail: EvaluationDetail, stories: [IncidentStory] = [], falseAlarms: [FalseAlarmGroup] = [],
    unreadAlarms: Int = 0, drift: [DriftRow] = []
  ) {
    (self.detail, self.stories, self.falseAlarms) = (detail, stories, falseAlarms)
    (self.unreadAlarms, self.drift) = (unreadAlarms, drift)
  }

  /// The format that documents state.
  public static let format = "autopilotops.detail/1"

  /// The findings as a document; `docs/schemas/detail.schema.json` describes it.
  public func json() -> JSONValue {
    var members = detail.json()
    members["format"] = .string(Self.format)
    members["stories"] = .array(stories.map { $0.json() })
    members["false_alarm_groups"] = .array(falseAlarms.map { $0.json() })
    members["ungrouped_false_alarms"] = .integer(unreadAlarms)
    members["drift"] = .array(drift.map { $0.json() })
    return .object(members)
  }

  /// Reads the stories of a document back.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place that is wrong.
  public static func stories(in document: JSONDocument) throws -> [IncidentStory] {
    guard try document["format"].string == format else {
      throw try document["format"].expected("'\(format)'")
    }
    return try document["stories"].elements.map(IncidentStory.init(json:))
  }
}
