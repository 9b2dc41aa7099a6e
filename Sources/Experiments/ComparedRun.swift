public import Evaluation
internal import Storage
internal import Telemetry

/// A run's evaluation and scores, read back for a comparison.
public struct ComparedRun: Sendable {
  /// What people call it: the id, folder or file that named it.
  public let name: String
  /// What the evaluation found.
  public let evaluation: EvaluationResult
  /// Every detector's scores of its own, in the file's order.
  public let detectors: [DetectorScores]

  static let evaluationFile = "evaluation.json"
  static let scoresFile = "scores.csv"
  /// Largest evaluation file read, in bytes.
  private static let evaluationLimit = 256 << 20
  /// Largest file of scores read, in bytes.
  private static let scoresLimit = 1 << 32

  /// Reads a run.
  ///
  /// - Parameters:
  ///   - name: What people call it.
  ///   - folder: The folder of `evaluation.json` and `scores.csv`.
  /// - Throws: `ExperimentsError.noResults` without the files, `.invalidScores` for scores that are
  ///   not of this evaluation; `StorageError` for a file that cannot be read.
  public init(name: String, folder: String) throws {
    self.name = name
    let (results, scores) = ("\(folder)/\(Self.evaluationFile)", "\(folder)/\(Self.scoresFile)")
    for path in [results, scores] where FileSystem.item(at: path, followingLinks: true) != .file {
      throw ExperimentsError.noResults(run: name, reason: "there is no \(path)")
    }
    evaluation = try EvaluationResult(
      json: JSONValue(
        parsing: FileSystem.readFile(at: results, limit: Self.evaluationLimit), source: results),
      source: results)
    var reader = ScoresReader(path: scores, grid: evaluation.plan.grid)
    detectors = try reader.read(FileSystem.readFile(at: scores, limit: Self.scoresLimit))
  }

  /// Finds a run by the folder of its results, one of the files in it, or its id in a store.
  ///
  /// - Parameter store: Opens the store when it is needed.
  /// - Throws: As the other initialiser, and what `store` throws.
  public init(_ reference: String, store: () throws -> RunStore) throws {
    switch FileSystem.item(at: reference, followingLinks: true) {
    case .folder:
      try self.init(name: reference, folder: reference)
    case .file:
      let slash = reference.lastIndex(of: "/")
      try self.init(
        name: reference, folder: slash.map { String(reference[..<$0]) } ?? ".")
    default:
      let run = try store().run(reference)
      guard let folder = run.record.folder else {
        throw ExperimentsError.noResults(
          run: run.id, reason: "a \(run.record.kind.rawValue) that wrote no results")
      }
      try self.init(name: run.id, folder: folder)
    }
  }

  /// The scores of a detector.
  public func scores(of detector: String) -> DetectorScores? {
    detectors.first { $0.name == detector }
  }
}

/// How two runs differ, detector by detector.
public struct RunComparison: Sendable {
  /// What the first run is called.
  public let first: String
  /// What the second run is called.
  public let second: String
  /// Incidents that both were judged on.
  public let incidents: Int
  /// Per detector, its differences.
  public let detectors: [(name: String, differences: [PairedDifference])]

  /// Compares two runs.
  ///
  /// - Parameter detectors: Names of detectors that both have.
  /// - Throws: `ExperimentsError.notComparable` with what differs, or `.unknownDetector`.
  public init(_ first: ComparedRun, _ second: ComparedRun, detectors names: [String]) throws {
    func refuse(_ reason: String) -> ExperimentsError {
      .notComparable(first: first.name, second: second.name, reason: reason)
    }
    if let reason = first.evaluation.difference(inKindFrom: second.evaluation) {
      throw refuse(reason)
    }
    let services = [first, second].map {
      Set($0.detectors.first?.services.map(\.service) ?? [])
    }
    if let other = services[0].symmetricDifference(services[1]).min() {
      throw refuse("they score different services, such as \(other)")
    }
    let common = first.detectors.map(\.name).filter { second.scores(of: $0) != nil }
    detectors = try names.map { name in
      guard let one = first.scores(of: name), let two = second.scores(of: name) else {
        throw ExperimentsError.unknownDetector(name, known: common)
      }
      return (name, try first.evaluation.pairedDifferences(one, two))
    }
    (self.first, self.second) = (first.name, second.name)
    incidents = first.evaluation.counts.incidents
  }
}
