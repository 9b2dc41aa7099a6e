internal import Storage

/// A file of verdicts, a line of JSON each, to which scorers append.
public struct VerdictFile: Sendable {
  /// Largest file, in bytes.
  private static let sizeLimit = 256 << 20

  /// A line that is no verdict.
  public struct Defect: Hashable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// What is wrong with it.
    public var reason: String
  }

  /// The verdicts in the order of the file, each once.
  public private(set) var verdicts: [Verdict] = []
  /// Lines that were left out.
  public private(set) var defects: [Defect] = []

  /// Reads a file. A last line that somebody is still writing is no verdict yet, and is left out too.
  ///
  /// - Throws: `StorageError` when the file cannot be read.
  public init(reading path: String) throws {
    let bytes = try FileSystem.readFile(at: path, limit: Self.sizeLimit)
    var known = Set<String>()
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) else { continue }
      do {
        let place = "\(path):\(index + 1)"
        let value = try JSONValue(parsing: Array(line), source: place)
        let verdict = try Verdict(json: JSONDocument(value, source: place))
        if known.insert(verdict.id).inserted { verdicts.append(verdict) }
      } catch let error as StorageError {
        defects.append(Defect(line: index + 1, reason: error.description))
      }
    }
  }

  /// The line of a verdict, with its end.
  public static func line(of verdict: Verdict) -> [UInt8] {
    Array((verdict.json().text() + "\n").utf8)
  }
}
