internal import Storage
internal import Telemetry

/// What became of verdicts that somebody reviewed, beside the file of verdicts.
///
/// Incidents are written before the decisions, and a verdict has the same id each time: a review that
/// is killed in between finds the incident there and does not add it twice. Whoever writes holds
/// `ReviewLock` from reading to writing, so that of two reviewers neither loses what the other decided.
public struct VerdictReview: Sendable {
  /// What was decided about a verdict.
  public enum Decision: String, Sendable, CaseIterable {
    /// It became a label.
    case accepted
    /// It did not.
    case rejected
  }

  /// What follows the name of the file of verdicts.
  public static let suffix = ".reviewed"
  private static let format = "autopilotops.review/1"

  private let path: String
  /// Decisions by the verdict's id.
  public private(set) var decisions: [String: Decision] = [:]

  /// Reads the decisions beside a file of verdicts; none where there are none yet.
  ///
  /// - Throws: `StorageError` for a damaged file.
  public init(of verdicts: String) throws {
    path = verdicts + Self.suffix
    guard FileSystem.item(at: path) != nil else { return }
    let bytes = try FileSystem.readFile(at: path, limit: 64 << 20)
    let document = JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)'")
    }
    for (id, member) in try document["decisions"].members {
      guard let decision = Decision(rawValue: try member.string) else {
        throw member.expected("'accepted' or 'rejected'")
      }
      decisions[id] = decision
    }
  }

  /// Decides about a verdict.
  public mutating func decide(_ decision: Decision, about verdict: Verdict) {
    decisions[verdict.id] = decision
  }

  /// Writes the decisions whole.
  public func write() throws {
    let document: JSONValue = [
      "format": .string(Self.format),
      "decisions": .object(decisions.mapValues { .string($0.rawValue) }),
    ]
    try FileSystem.writeFileAtomically(Array(document.text(indented: true).utf8), to: path)
  }
}

/// An incidents file in CSV to which rows are added.
public struct IncidentTable: Sendable {
  private let path: String
  private var bytes: [UInt8]
  private var columns: [String]
  private let known: Set<String>

  /// Opens a file, or begins one where there is none.
  ///
  /// - Throws: `StorageError` when it cannot be read, or has no column `id` or `start`, or neither
  ///   `resolved` nor `end`.
  public init(at path: String) throws {
    self.path = path
    guard FileSystem.item(at: path) != nil else {
      columns = ["id", "service", "kind", "start", "detected", "resolved"]
      bytes = Array((columns.joined(separator: ",") + "\n").utf8)
      known = []
      return
    }
    bytes = try FileSystem.readFile(at: path, limit: 256 << 20)
    if bytes.last != 0x0A { bytes.append(0x0A) }
    // Files of other systems end lines with a carriage return too.
    let lines = bytes.split(separator: 0x0A).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
    columns = Self.fields(lines.first ?? "").map { name in
      String(name.filter { $0 != "\u{FEFF}" && $0 != " " })
    }
    guard let place = columns.firstIndex(of: "id"), columns.contains("start"),
      columns.contains("resolved") || columns.contains("end")
    else {
      throw StorageError.unexpectedShape(
        source: path, path: "line 1", expected: "a header with id, start and resolved")
    }
    known = Set(
      lines.dropFirst().compactMap { line in
        let fields = Self.fields(line)
        return place < fields.count ? fields[place] : nil
      })
  }

  /// Adds a verdict as an incident.
  ///
  /// - Returns: False when the file has it already.
  @discardableResult
  public mutating func add(_ verdict: Verdict) -> Bool {
    guard !known.contains(verdict.id) else { return false }
    let fields = columns.map { column -> String in
      switch column {
      case "id": verdict.id
      case "service": verdict.service
      case "kind", "type": verdict.kind.isEmpty ? "unknown" : verdict.kind
      case "start": verdict.start.description
      case "detected": verdict.start.description
      case "resolved", "end": verdict.end.description
      default: ""
      }
    }
    bytes += Array((fields.map(field).joined(separator: ",") + "\n").utf8)
    return true
  }

  /// Replaces the file as a whole.
  public func write() throws { try FileSystem.writeFileAtomically(bytes, to: path) }

  /// The fields of a line, quotes taken off.
  private static func fields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  private func field(_ text: String) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      line.unicodeScalars.append(scalar == "\n" || scalar == "\r" ? " " : scalar)
    }
    guard line.contains(where: { $0 == "," || $0 == "\"" }) else { return line }
    return "\"" + line.replacing("\"", with: "\"\"") + "\""
  }
}
