public import Storage
public import Telemetry

/// What became of one instant.
public struct RetrainOutcome: Hashable, Sendable {
  /// How it ended.
  public enum Result: String, Sendable, CaseIterable {
    /// The new model is in use.
    case promoted
    /// The new model is worse; the old one stays.
    case regression
    /// The data does not show that the new model is as good; the old one stays.
    case inconclusive
    /// The data does not allow a comparison; the old one stays.
    case invalid
    /// The new model is not what it says; the old one stays.
    case integrity

    /// The exit code of a job that ends so.
    public var exitCode: Int32 {
      switch self {
      case .promoted: 0
      case .regression: 2
      case .inconclusive: 3
      case .invalid: 4
      case .integrity: 5
      }
    }
  }

  /// The instant that the model was made for: the end of its data.
  public var instant: Timestamp
  /// How it ended.
  public var result: Result
  /// The new model's version and digest.
  public var version: Int, digest: String
  /// The version that was in use before; nil where there was none.
  public var champion: Int?
  /// The folder of the run's results.
  public var folder: String

  /// Makes an outcome.
  public init(
    instant: Timestamp, result: Result, version: Int, digest: String, champion: Int?,
    folder: String
  ) {
    (self.instant, self.result, self.version) = (instant, result, version)
    (self.digest, self.champion, self.folder) = (digest, champion, folder)
  }
}

/// What a job has done so far, as a file beside its results.
public struct RetrainState: Hashable, Sendable {
  /// The file's name in the output folder.
  public static let file = "retrain.json"
  /// Outcomes that are remembered.
  private static let longest = 1_000
  private static let format = "autopilotops.retrain/1"

  /// By ascending instant, the latest ones.
  public var outcomes: [RetrainOutcome] = []

  /// Starts without outcomes.
  public init() {}

  /// The last instant that is done.
  public var last: Timestamp? { outcomes.last?.instant }

  /// Remembers an outcome.
  public mutating func add(_ outcome: RetrainOutcome) {
    outcomes = (outcomes.filter { $0.instant != outcome.instant } + [outcome])
      .sorted { $0.instant < $1.instant }.suffix(Self.longest)
  }

  /// Reads the state of an output folder; empty where there is none.
  ///
  /// - Throws: `StorageError` for a damaged file.
  public init(readingFrom folder: String) throws {
    let path = "\(folder)/\(Self.file)"
    guard FileSystem.item(at: path) != nil else { return }
    let bytes = try FileSystem.readFile(at: path, limit: 16 << 20)
    let document = JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)'")
    }
    outcomes = try document["outcomes"].elements.map { item in
      guard let instant = Timestamp(rfc3339: try item["instant"].string) else {
        throw try item["instant"].expected("an instant such as 2026-11-23T00:00:00Z")
      }
      guard let result = RetrainOutcome.Result(rawValue: try item["result"].string) else {
        throw try item["result"].expected("a result such as 'promoted'")
      }
      return RetrainOutcome(
        instant: instant, result: result, version: try item["version"].integer,
        digest: try item["digest"].string, champion: try item.optional("champion")?.integer,
        folder: try item["folder"].string)
    }
  }

  /// The state as a document.
  public func json() -> JSONValue {
    [
      "format": .string(Self.format),
      "outcomes": .array(
        outcomes.map {
          [
            "instant": .string($0.instant.description), "result": .string($0.result.rawValue),
            "version": .integer($0.version), "digest": .string($0.digest),
            "champion": $0.champion.map(JSONValue.integer) ?? .null, "folder": .string($0.folder),
          ]
        }),
    ]
  }

  /// Writes the state whole.
  public func write(to folder: String) throws {
    try FileSystem.writeFileAtomically(
      Array(json().text(indented: true).utf8), to: "\(folder)/\(Self.file)")
  }
}
