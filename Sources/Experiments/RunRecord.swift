internal import Evaluation
public import Storage
public import Telemetry

/// What is kept of one run, evaluation or trial.
public struct RunRecord: Hashable, Sendable {
  /// What was done.
  public enum Kind: String, Sendable, CaseIterable {
    /// The whole pipeline.
    case run
    /// An evaluation of a model that was there.
    case evaluate
    /// A trial of a search for a better configuration.
    case trial
  }

  /// The place of a trial in its search.
  public struct Trial: Hashable, Sendable {
    /// Identifies the search: its data, its configuration and its space.
    public var study: String
    /// The trial's number, from 0.
    public var number: Int
    /// The share of the resources that it was given, within 0...1.
    public var share: Double

    /// Makes a place.
    public init(study: String, number: Int, share: Double) {
      (self.study, self.number, self.share) = (study, number, share)
    }
  }

  /// The configuration's name, which the model has too.
  public var name: String
  /// What was done.
  public var kind: Kind
  /// Why a trial came to no result; nil for what was finished.
  public var failure: String?
  /// When it began.
  public var started: Timestamp
  /// Seconds from beginning to end.
  public var wallSeconds: Double
  /// Seconds that fitting each detector took.
  public var fitSeconds: [String: Double] = [:]
  /// What was asked for: the text of a configuration, or of the document that a model has of it.
  public var configuration: String
  /// The dataset's content digest.
  public var datasetDigest: String
  /// The artifact's digest; nil when there is none.
  public var artifactDigest: String?
  /// Start of all randomness.
  public var seed: UInt64
  /// What it ran on and with.
  public var environment: RunEnvironment
  /// The folder of its results; nil for none.
  public var folder: String?
  /// Names of its files in that folder.
  public var files: [String] = []
  /// The registry that its model went to.
  public var registry: String?
  /// All figures.
  public var metrics: [RunMetric] = []
  /// The place in a search, for trials.
  public var trial: Trial?

  /// Makes a record of something that was finished; the rest is set afterwards.
  public init(
    name: String, kind: Kind, started: Timestamp, wallSeconds: Double, configuration: String,
    datasetDigest: String, artifactDigest: String?, seed: UInt64, environment: RunEnvironment
  ) {
    (self.name, self.kind) = (name, kind)
    (self.started, self.wallSeconds) = (started, wallSeconds)
    (self.configuration, self.datasetDigest) = (configuration, datasetDigest)
    (self.artifactDigest, self.seed, self.environment) = (artifactDigest, seed, environment)
  }

  /// SHA-256 of the configuration's text.
  public var configurationDigest: String {
    SHA256Digest.hexadecimal(of: Array(configuration.utf8))
  }

  /// The figure of a detector.
  public func value(of metric: String, detector: String) -> Double? {
    metrics.first { $0.metric == metric && $0.detector == detector }?.value
  }
}

/// A run as it is recorded.
public struct RecordedRun: Hashable, Sendable {
  /// Names the run: the configuration's name, the beginning of the artifact's digest and a number.
  public var id: String
  /// What is kept of it.
  public var record: RunRecord
  /// Words that people gave it, ascending.
  public var tags: [String]

  /// Makes a run of its parts.
  public init(id: String, record: RunRecord, tags: [String]) {
    (self.id, self.record, self.tags) = (id, record, tags)
  }

  /// The run as a JSON document.
  ///
  /// - Parameter configuration: Whether the configuration's text is in it.
  public func json(configuration: Bool = false) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(id), "name": .string(record.name), "kind": .string(record.kind.rawValue),
      "state": .string(record.failure == nil ? "finished" : "failed"),
      "failure": text(record.failure),
      "started": .string(record.started.description),
      "wall_seconds": .number(record.wallSeconds),
      "fit_seconds": .object(record.fitSeconds.mapValues(JSONValue.number)),
      "configuration_digest": .string(record.configurationDigest),
      "dataset": .string(record.datasetDigest), "artifact": text(record.artifactDigest),
      "seed": .string(String(record.seed)), "environment": record.environment.json(),
      "folder": text(record.folder), "registry": text(record.registry),
      "tags": .array(tags.map(JSONValue.string)),
      "metrics": .array(record.metrics.map { $0.json() }),
      "trial": record.trial.map { trial in
        [
          "study": .string(trial.study), "number": .integer(trial.number),
          "share": .number(trial.share),
        ]
      } ?? .null,
    ]
    if configuration { members["configuration"] = .string(record.configuration) }
    return .object(members)
  }
}

private func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

extension RunMetric {
  func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "detector": .string(detector), "metric": .string(metric), "value": .number(value),
    ]
    if let interval {
      members["interval"] = ["low": .number(interval.low), "high": .number(interval.high)]
    }
    return .object(members)
  }
}

extension RunEnvironment {
  func json() -> JSONValue {
    [
      "tool_version": .string(toolVersion), "executable_sha256": .string(executableDigest),
      "system": .string(system), "architecture": .string(architecture),
      "processor": .string(processor), "threads": .integer(threads),
    ]
  }
}
