public import Features
package import LogTemplates
public import Scoring
package import Storage
public import Telemetry

/// A trained and calibrated model with what is needed to judge and repeat it.
public struct TrainedModel: Sendable {
  /// What scores.
  public var scoring: ScoringModel
  /// The time it was fitted and calibrated on, and the time kept for the test.
  public var split: Split
  /// How far from an incident an alarm counts, and how alarms become notifications.
  public var rules: AlarmRules
  /// Time on both sides of incidents that was not trained on.
  public var incidentMargin: TimeSpan
  /// Share of calibration cells allowed above the boundary.
  public var falseAlarmRate: Double
  /// Start of all randomness.
  public var seed: UInt64
  /// The model's name.
  public var name: String
  /// Digest of the dataset it was trained on.
  public var datasetDigest: String
  /// Labels that name the service of a series, the most telling first, as the data was read.
  public var serviceLabels: [String]
  /// Calibration cells with a score that the boundaries were fixed on, all services together.
  public var boundaryCells: Int
  /// Channels that had too little data in training.
  public var dropped: [DroppedChannel]
  /// Course of each network's training.
  public var training: [TrainingSummary]
  /// What the model is compared with.
  public var baselines: BaselineConfiguration

  /// Makes a model from its parts.
  package init(
    scoring: ScoringModel, split: Split, rules: AlarmRules, incidentMargin: TimeSpan,
    falseAlarmRate: Double, seed: UInt64, name: String, datasetDigest: String,
    serviceLabels: [String], boundaryCells: Int, dropped: [DroppedChannel],
    training: [TrainingSummary], baselines: BaselineConfiguration
  ) {
    (self.scoring, self.split, self.rules) = (scoring, split, rules)
    (self.incidentMargin, self.falseAlarmRate, self.seed) = (incidentMargin, falseAlarmRate, seed)
    (self.name, self.datasetDigest, self.serviceLabels) = (name, datasetDigest, serviceLabels)
    (self.boundaryCells, self.dropped) = (boundaryCells, dropped)
    (self.training, self.baselines) = (training, baselines)
  }
}

/// How alarms are judged against incidents.
public struct AlarmRules: Hashable, Sendable {
  /// How long before its start an incident may be found.
  public var toleranceBefore = TimeSpan.zero
  /// How long after its end an incident may be found.
  public var toleranceAfter = TimeSpan.zero
  /// Longest alarm that is one notification.
  public var renotify = TimeSpan.hours(4)

  /// Cells of the widest buffer around incidents, in metrics that have one.
  public var vusWindow = 24

  /// Makes the default rules.
  public init() {}
}

extension TrainedModel {
  /// Name of the file that says how the model came to be.
  public static let pipelineFile = "pipeline.json"

  /// How the model came to be, as a JSON document.
  package func json() -> JSONValue {
    [
      "name": .string(name),
      "seed": .string(String(seed)),
      "dataset": .string(datasetDigest),
      "split": split.json(),
      "evaluation": [
        "tolerance_before": .string(rules.toleranceBefore.description),
        "tolerance_after": .string(rules.toleranceAfter.description),
        "renotify": .string(rules.renotify.description),
        "vus_window": .integer(rules.vusWindow),
      ],
      "incident_margin": .string(incidentMargin.description),
      "false_alarm_rate": .number(falseAlarmRate),
      "service_labels": .array(serviceLabels.map(JSONValue.string)),
      "boundary_cells": .integer(boundaryCells),
      "dropped_channels": .array(
        dropped.map {
          [
            "service": .string($0.service), "channel": .string($0.channel),
            "coverage": .number($0.coverage),
          ]
        }),
      "lstm_training": .array(training.map { $0.json() }),
      "baselines": baselines.json(),
    ]
  }

  /// How the model came to be, as the text of a JSON document.
  public var history: String { json().text(indented: true) }

  /// The model's files by name; equal models give equal bytes.
  public func files() -> [String: [UInt8]] {
    var files = scoring.files()
    files[Self.pipelineFile] = Array(json().text(indented: true).utf8)
    return files
  }

  /// Reads a model from an artifact's files.
  ///
  /// - Parameters:
  ///   - files: Contents by name, digests already checked.
  ///   - source: The artifact's name to use in errors.
  /// - Throws: An error that names the file and the part that is wrong.
  public init(files: [String: [UInt8]], source: String) throws {
    guard let bytes = files[Self.pipelineFile] else {
      throw StorageError.notFound(path: "\(source)/\(Self.pipelineFile)")
    }
    let path = "\(source)/\(Self.pipelineFile)"
    let document = JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
    func span(_ place: JSONDocument) throws -> TimeSpan {
      guard let span = TimeSpan(try place.string) else { throw place.expected("a duration") }
      return span
    }
    let scoring = try ScoringModel(files: files, source: source)
    guard let seed = UInt64(try document["seed"].string) else {
      throw try document["seed"].expected("a whole number in quotes")
    }
    var rules = AlarmRules()
    rules.toleranceBefore = try span(document["evaluation"]["tolerance_before"])
    rules.toleranceAfter = try span(document["evaluation"]["tolerance_after"])
    rules.renotify = try span(document["evaluation"]["renotify"])
    if let window = try document["evaluation"].optional("vus_window") {
      rules.vusWindow = try window.integer
    }
    self.init(
      scoring: scoring, split: try Split(json: document["split"]), rules: rules,
      incidentMargin: try span(document["incident_margin"]),
      falseAlarmRate: try document["false_alarm_rate"].number, seed: seed,
      name: try document["name"].string, datasetDigest: try document["dataset"].string,
      serviceLabels: try document["service_labels"].elements.map { try $0.string },
      boundaryCells: try document["boundary_cells"].integer,
      dropped: try document["dropped_channels"].elements.map {
        DroppedChannel(
          service: try $0["service"].string, channel: try $0["channel"].string,
          coverage: try $0["coverage"].number)
      },
      training: try document["lstm_training"].elements.map { try TrainingSummary(json: $0) },
      baselines: try document.optional("baselines").map { try BaselineConfiguration(json: $0) }
        ?? BaselineConfiguration())
  }
}

extension TrainedModel {
  /// What was masked in log lines.
  package var logMasks: LogMaskRules { scoring.features.definition.logMasks }

  /// What the metrics were in training, by name without labels.
  package var metricKinds: [String: MetricKind] {
    var kinds: [String: MetricKind] = [:]
    for service in scoring.features.services {
      for (column, kind) in zip(service.metricColumns, service.metricKinds) {
        kinds[String(column.prefix { $0 != "{" })] = kind
      }
    }
    return kinds
  }

  /// Whether a time budget ended the training of a network.
  public var endedByTime: Bool { training.contains { $0.endedByTime } }
}
