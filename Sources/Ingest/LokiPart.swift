internal import Storage
internal import Telemetry

/// A file of an export, whose name may tell which stretch of time it is of.
///
/// `logcli --part-path-prefix` writes `<prefix>_<from>_<to>.part` with both instants in UTC, under the
/// name with `.tmp` behind it until the part is whole.
struct LokiPart {
  private let name: String
  /// What the name states, in milliseconds; nil when it states nothing.
  private let range: ClosedRange<Int64>?
  /// What stands before the instants in the name, which parts of one export share.
  private let prefix: Substring

  /// - Throws: `IngestError.unsupported` for a part whose download was not finished.
  init(path: String) throws(IngestError) {
    name = String(path.split(separator: "/").last ?? "")
    guard !name.hasSuffix(".part.tmp") else {
      throw .unsupported(
        path: path,
        reason: "a part whose download was not finished; run logcli again with the same "
          + "--part-path-prefix, which keeps finished parts, or remove the file")
    }
    let stated = Self.range(statedBy: name)
    (range, prefix) = (stated?.range, stated?.prefix ?? "")
  }

  private static func range(
    statedBy name: String
  ) -> (range: ClosedRange<Int64>, prefix: Substring)? {
    var words = name.split(separator: ".", omittingEmptySubsequences: false)
    if let last = words.last, ["gz", "zst"].contains(last) { words.removeLast() }
    guard words.popLast() == "part", let stem = words.last else { return nil }
    let parts = stem.split(whereSeparator: { $0 == "_" || $0 == "-" }).suffix(2)
    guard parts.count == 2, let first = parts.first, let from = instant(first),
      let to = parts.last.flatMap(instant), from <= to
    else { return nil }
    return (from...to, stem[..<first.startIndex])
  }

  /// `20260105T123000` in milliseconds.
  private static func instant(_ text: Substring) -> Int64? {
    let digits = Array(text)
    guard digits.count == 15, digits[8] == "T" else { return nil }
    let field = { (range: Range<Int>) in String(digits[range]) }
    let stamp =
      "\(field(0..<4))-\(field(4..<6))-\(field(6..<8))T\(field(9..<11)):\(field(11..<13)):"
      + "\(field(13..<15))Z"
    return Timestamp(rfc3339: stamp)?.milliseconds
  }

  /// The stretch of time that the file covers: what its name states, if its lines lie within, and else
  /// the span of its lines; nil when there is neither.
  func covered(by span: ClosedRange<Int64>?) -> ClosedRange<Int64>? {
    guard let range else { return span }
    guard let span else { return range }
    // Names are cut to seconds.
    let isWithin = range.lowerBound <= span.lowerBound && span.upperBound < range.upperBound + 1000
    return isWithin ? range : span
  }

  /// Notes times between two parts of one export, which share a prefix, that no part is of.
  static func noteGaps(between parts: [LokiPart], _ collector: inout TelemetryCollector) {
    var last: (part: LokiPart, end: Int64)?
    let known = parts.compactMap { part in part.range.map { (part, $0) } }
    for (part, range) in known.sorted(by: {
      ($0.0.prefix, $0.1.lowerBound) < ($1.0.prefix, $1.1.lowerBound)
    }) {
      if last?.part.prefix != part.prefix { last = nil }
      if let last, range.lowerBound > last.end {
        let stretch =
          "\(Timestamp(milliseconds: last.end)) to \(Timestamp(milliseconds: range.lowerBound))"
        collector.report.note(
          "missing_part", .skipped, in: last.part.name, example: "no part from \(stretch)")
      }
      last = (part, max(range.upperBound, last?.end ?? .min))
    }
  }
}
