public import Diagnostics
public import Storage
public import Telemetry

/// Why telemetry could not be made into a dataset.
public enum IngestError: DiagnosedError, Equatable {
  /// A file could not be read, or is not JSON.
  case storage(StorageError)
  /// The configuration contradicts itself.
  case invalidConfiguration(reason: String)
  /// There is no sample and no log line. `skipped` is what was left out most often, if anything.
  case noData(paths: [String], skipped: Skipped?)
  /// A folder has no file in it that ends in one of `endings` (in anything when there are none).
  case emptyFolder(path: String, endings: [String])
  /// A sample or log line lies outside of the instants that are allowed, as with a wrong unit.
  case strayInstant(
    place: String, owner: String, instant: Timestamp, earliest: Timestamp, latest: Timestamp)
  /// There is nothing between the instants asked for.
  case emptyRange(wanted: String, found: String)
  /// A table begins with other columns than it should.
  case wrongHeader(path: String, found: String, expected: String)
  /// A text file breaks its format. `line` counts from 1.
  case malformed(path: String, line: Int, reason: String)
  /// The monitoring system answered with an error instead of data.
  case failedQuery(path: String, type: String, message: String)
  /// A well-formed file of another kind.
  case unsupported(path: String, reason: String)
  /// More series than allowed.
  case tooManySeries(path: String, limit: Int)
  /// The grid would have more cells than allowed. `farthest` names what stretches it most.
  case tooManyCells(rows: Int, columns: Int, limit: Int, range: String, farthest: String)
  /// The cells that have to be held at once for a service exceed what the memory allows.
  case serviceTooLarge(service: String, rows: Int, columns: Int, limit: Int)
  /// A series whose samples are not in order has more of them than can be sorted.
  case unsortedSeries(series: String, source: String, samples: Int, limit: Int)
  /// A published dataset lacks a part.
  case missingPart(path: String, expected: String)
  /// An incident is incomplete or ends before it starts.
  case invalidIncident(place: String, reason: String)
  /// Two incidents have the same id.
  case duplicateIncident(id: String, place: String, first: String)
  /// All incidents lie outside of the telemetry's time.
  case incidentsOutsideData(count: Int, incidents: String, data: String)
  /// More was left out than the budget of defects allows. `reportPath` is where the report lies, once
  /// somebody has written it.
  case overBudget(
    Skipped, allowed: DefectBudget.Allowance, report: IngestReport, reportPath: String?)
  /// Two published datasets divide time into training and test differently.
  case conflictingTestStart(path: String)

  /// Items that were left out for one reason.
  public struct Skipped: Hashable, Sendable {
    /// The reason's word in the report, such as `bad_time`.
    public var reason: String
    /// How many items this reason left out.
    public var count: Int
    /// How many items were left out for any reason.
    public var total: Int
    /// The first of them: `metrics.csv:2: 'never'`.
    public var example: String

    /// Makes a record of what was left out.
    public init(reason: String, count: Int, total: Int, example: String) {
      (self.reason, self.count, self.total, self.example) = (reason, count, total, example)
    }
  }

  /// What the failure means to the caller: wrong input, except where the system refused.
  public var kind: FailureKind {
    switch self {
    case .storage(let error): error.kind
    default: .invalidInput
    }
  }

  /// One line that names the file and the place in it, whatever the files hold.
  public var description: String { singleLine(message) }

  private var message: String {
    switch self {
    case .storage(let error): error.description
    case .invalidConfiguration(let reason): "ingest: \(reason)"
    case .noData(let paths, let skipped):
      "\(list(paths)): no metric sample and no log line; "
        + (skipped.map(text(of:)) ?? "check the query and its time range")
    case .emptyFolder(let path, let endings):
      "\(path): the folder holds no file\(endings.isEmpty ? "" : " ending in ")"
        + "\(endings.joined(separator: " or ")); check the path and the export"
    case .strayInstant(let place, let owner, let instant, let earliest, let latest):
      "\(place): \(owner) has the instant \(instant), which is not between \(earliest) and "
        + "\(latest); check the unit of its times (seconds or milliseconds since 1970), take the "
        + "entry out, or widen the reader's earliest and latest"
    case .emptyRange(let wanted, let found):
      "no whole grid cell between \(wanted); the data covers \(found)"
    case .wrongHeader(let path, let found, let expected):
      "\(path):1: wrong header: found \(quoted(found)), expected \(expected); rename the columns or map "
        + "them in the source's configuration"
    case .malformed(let path, let line, let reason):
      "\(path):\(line): \(reason)"
    case .failedQuery(let path, let type, let message):
      "\(path): holds an error answer (\(foreign(type)): \(foreign(message))) instead of data; repeat the export"
    case .unsupported(let path, let reason): "\(path): \(reason)"
    case .tooManySeries(let path, let limit):
      "\(path): more than \(limit) series so far; narrow the query or raise the limit of series"
    case .tooManyCells(let rows, let columns, let limit, let range, let farthest):
      "\(rows) grid cells (\(range)) times \(columns) metric columns exceed the limit of \(limit); "
        + "farthest out is \(farthest): if it is stray take it out, otherwise widen the interval or "
        + "narrow the time range"
    case .serviceTooLarge(let service, let rows, let columns, let limit):
      "service \(quoted(service)): \(rows) grid cells times \(columns) columns held at once exceed "
        + "the \(limit) that fit; raise the reader's memory, widen the interval or narrow the range"
    case .unsortedSeries(let series, let source, let samples, let limit):
      "\(source): series \(quoted(series)) is not in the order of time and has \(samples) samples, "
        + "more than the \(limit) that can be sorted; raise the reader's memory or sort the export"
    case .missingPart(let path, let expected): "\(path): not found; expected \(expected)"
    case .invalidIncident(let place, let reason): "\(place): \(reason)"
    case .duplicateIncident(let id, let place, let first):
      "\(place): incident id \(quoted(id)) was already used at \(first); make it unique"
    case .incidentsOutsideData(let count, let incidents, let data):
      "no overlap between incidents and data: the \(count) incidents span \(incidents), the data "
        + "covers \(data); check the incidents file's time zone or export the matching time"
    case .overBudget(let skipped, let allowed, let report, let path):
      "more is lost than the defect budget allows (\(allowed)): "
        + "\(skipped.total) items were skipped while \(report.samples) samples and "
        + "\(report.logLines) log lines were read, \(skipped.count) of them for \(skipped.reason), "
        + "the first at \(skipped.example); \(remedy(for: skipped.reason)), or raise the budget"
        + (path.map { "; all reasons are in \($0)" } ?? "")
    case .conflictingTestStart(let path):
      "\(path): its published test part begins at another time than the one read before; ingest "
        + "them as separate datasets"
    }
  }

  private func list(_ paths: [String]) -> String {
    let rest = paths.count - 3
    return paths.prefix(3).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private func text(of skipped: Skipped) -> String {
    let others = skipped.total - skipped.count
    return "\(skipped.count) skipped for \(skipped.reason), the first at \(skipped.example)"
      + (others > 0 ? ", and \(others) for other reasons" : "")
      + "; correct the export or the source's configuration"
  }
}
