internal import Storage
internal import Telemetry

/// A log, and the files that rotation cut it into.
struct RotatedLog {
  /// One file.
  struct Part {
    var path: String
    /// Its path from the source's folder on.
    var name: String
    /// Whether nothing is missing between the file before and this one.
    var isContinuation = false
  }

  /// The log's name, without endings and folders: `shop`.
  var name: String
  /// From the oldest file to the newest, at least one.
  var parts: [Part]

  /// Sorts files into logs, in the order of the logs' names.
  static func logs(of files: [Part]) -> [RotatedLog] {
    var groups: [String: [(file: Part, name: LogFileName)]] = [:]
    for file in files {
      let name = LogFileName(file.name.lastComponent)
      groups["\(file.name.folder)/\(name.log)", default: []].append((file, name))
    }
    return groups.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { _, members in
      let ordered = members.sorted { a, b in
        a.name.age != b.name.age ? a.name.age < b.name.age : a.file.name < b.file.name
      }
      let joints = joints(ordered.map(\.name))
      let parts = zip(ordered, joints).map { member, isContinuation in
        Part(path: member.file.path, name: member.file.name, isContinuation: isContinuation)
      }
      let first = ordered[0]
      let base =
        first.name.base.isEmpty ? first.file.path.folder.lastComponent : first.name.base
      return RotatedLog(name: base.isEmpty ? ServiceNaming.unnamed : base, parts: parts)
    }
  }

  /// Whether each file goes on where the one before ends.
  ///
  /// Rotation takes away the oldest files, so a file between others is missing only where someone
  /// took it out: numbers show that, and days that are further apart than usual.
  private static func joints(_ names: [LogFileName]) -> [Bool] {
    let pairs = Array(zip(names, names.dropFirst()))
    let steps = pairs.compactMap { a, b -> Int64? in
      guard let first = a.day, let second = b.day, first != second else { return nil }
      return second - first
    }
    let usual = steps.sorted()[safe: steps.count / 2] ?? 1
    return [false]
      + pairs.map { a, b in
        if a.age.run != b.age.run { return true }
        if let first = a.day, let second = b.day {
          return a.hasClock || 2 * (second - first) <= 3 * usual
        }
        guard a.age.stamp == nil, let number = a.age.number else { return true }
        return b.age.number.map { number - $0 == 1 } ?? (number <= 1)
      }
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}

extension String {
  /// What follows the last slash.
  var lastComponent: String { String(split(separator: "/").last ?? "") }

  /// What comes before the last slash; empty when there is none.
  var folder: String { lastIndex(of: "/").map { String(self[..<$0]) } ?? "" }
}
