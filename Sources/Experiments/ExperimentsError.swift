public import Diagnostics

/// Why the record of runs could not be read or written, or two runs not be compared.
public enum ExperimentsError: DiagnosedError, Equatable {
  /// No file of records there.
  case noStore(path: String)
  /// SQLite refused; `reason` is its own text.
  case database(path: String, reason: String, kind: FailureKind)
  /// A program newer than this one wrote the file.
  case newerSchema(path: String)
  /// No run of that id.
  case unknownRun(id: String, path: String, known: [String])
  /// The beginning of several ids.
  case ambiguousRun(id: String, matches: [String])
  /// A tag that could not be told from other words.
  case invalidTag(String)
  /// A metric to sort by that is not written as `detector.metric`.
  case invalidMetric(String, known: [String])
  /// A run without results on the disk.
  case noResults(run: String, reason: String)
  /// A file of scores that does not belong to the evaluation beside it.
  case invalidScores(path: String, line: Int, reason: String)
  /// Two evaluations that did not judge the same thing.
  case notComparable(first: String, second: String, reason: String)
  /// A detector that one of the two runs has no scores of.
  case unknownDetector(String, known: [String])

  /// What the failure means to the caller.
  public var kind: FailureKind {
    switch self {
    case .database(_, _, let kind): kind
    case .noStore, .newerSchema, .unknownRun, .ambiguousRun, .invalidTag, .invalidMetric,
      .noResults, .invalidScores, .notComparable, .unknownDetector:
      .invalidInput
    }
  }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .noStore(let path):
      "\(path): no records of runs; 'autopilot run' and 'evaluate' make them, and --in names their "
        + "folder"
    case .database(let path, let reason, .integrity):
      "\(path): not a readable file of records: \(reason); move it away, and runs begin another"
    case .database(let path, let reason, _):
      "\(path): \(reason)"
    case .newerSchema(let path):
      "\(path): written by a newer version of autopilot; use that version"
    case .unknownRun(let id, let path, let known):
      "\(path): no run '\(id)'"
        + (known.isEmpty
          ? "; there are none" : "; the newest are \(known.prefix(5).joined(separator: ", "))")
        + ", 'autopilot runs list' shows all"
    case .ambiguousRun(let id, let matches):
      "'\(id)' begins the ids of several runs: \(matches.prefix(5).joined(separator: ", "))"
        + "\(matches.count > 5 ? " and others" : ""); write more of it"
    case .invalidTag(let tag):
      "'\(tag)' is no tag; use 1 to 64 letters, digits, '.', '_', ':' and '-'"
    case .invalidMetric(let text, let known):
      "'\(text)' names no recorded metric; write <detector>.<metric>"
        + (known.isEmpty ? "" : ", such as \(known.prefix(6).joined(separator: ", "))")
    case .noResults(let run, let reason):
      "\(run): \(reason); name a run folder or an evaluation.json with scores.csv beside it"
    case .invalidScores(let path, let line, let reason):
      "\(path):\(line): \(reason); the file does not belong to the evaluation.json beside it"
    case .notComparable(let first, let second, let reason):
      "\(first) and \(second) cannot be compared: \(reason); evaluate both on the same dataset, "
        + "test time and incidents"
    case .unknownDetector(let name, let known):
      "no scores of detector '\(name)' in both runs; both have \(known.joined(separator: ", "))"
    }
  }
}
