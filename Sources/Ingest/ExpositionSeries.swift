internal import Telemetry

/// The series of one file of samples by the text that names them, so that labels are read once.
struct ExpositionSeries {
  /// Whose the samples of a line are.
  enum Owner {
    /// Those of the series with this number.
    case series(Int)
    /// When a counter or histogram was made, which says nothing that its samples do not.
    case created
    /// A text that is not UTF-8.
    case invalidUTF8
    /// A text that names no series.
    case malformed
  }

  /// Bytes of texts that are kept; a file with more of them reads some of their labels again.
  private static let keptBytes = 16 << 20

  private var owners: [[UInt8]: Owner] = [:]
  private var bytes = 0
  private var created: Set<String> = []

  /// Leaves a metric out from now on.
  mutating func leaveOut(_ metric: String) { created.insert(metric) }

  /// Whether a series' text is that of a dump with names among the labels, as `promtool tsdb dump`
  /// writes it: instants are milliseconds, and labels quoted as in Go.
  static func isDump(_ text: ArraySlice<UInt8>) -> Bool {
    text.starts(with: Array("{__name__=".utf8))
  }

  /// Whose the samples of a series' text are; a new one is announced to the collector.
  mutating func owner(
    of text: ArraySlice<UInt8>, _ file: SourceText, _ collector: inout TelemetryCollector
  ) throws -> Owner {
    let key = Array(text)
    if let owner = owners[key] { return owner }
    let owner = try newOwner(of: text, file, &collector)
    if bytes + key.count > Self.keptBytes {
      owners.removeAll()
      bytes = 0
    }
    bytes += key.count
    owners[key] = owner
    return owner
  }

  private func newOwner(
    of text: ArraySlice<UInt8>, _ file: SourceText, _ collector: inout TelemetryCollector
  ) throws -> Owner {
    guard isUTF8(text) else { return .invalidUTF8 }
    guard let labels = expositionLabels(text, isGo: Self.isDump(text)) else { return .malformed }
    if let name = labels["__name__"], created.contains(name) { return .created }
    return .series(try collector.series.number(labels: labels, in: file))
  }
}
