public import Diagnostics
public import Storage

/// Why telemetry could not be made into a dataset.
public enum IngestError: DiagnosedError, Equatable {
  /// A file could not be read, or is not JSON.
  case storage(StorageError)
  /// The configuration contradicts itself.
  case invalidConfiguration(reason: String)
  /// There is nothing in the files.
  case noData(sources: String)
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
  /// The grid would have more cells than allowed.
  case tooManyCells(rows: Int, columns: Int, limit: Int, range: String)
  /// A published dataset lacks a part.
  case missingPart(path: String, expected: String)
  /// An incident is incomplete or ends before it starts.
  case invalidIncident(place: String, reason: String)
  /// Two incidents have the same id.
  case duplicateIncident(id: String, place: String, first: String)
  /// All incidents lie outside of the telemetry's time.
  case incidentsOutsideData(count: Int, incidents: String, data: String)
  /// Two published datasets divide time into training and test differently.
  case conflictingTestStart(path: String)

  /// What the failure means to the caller: wrong input, except where the system refused.
  public var kind: FailureKind {
    switch self {
    case .storage(let error): error.kind
    default: .invalidInput
    }
  }

  /// One line that names the file and the place in it.
  public var description: String {
    switch self {
    case .storage(let error): error.description
    case .invalidConfiguration(let reason): "ingest: \(reason)"
    case .noData(let sources):
      "\(sources): no metric sample and no log line; check the query and its time range"
    case .emptyRange(let wanted, let found):
      "no whole grid cell between \(wanted); the data covers \(found)"
    case .wrongHeader(let path, let found, let expected):
      "\(path):1: wrong header: found '\(found)', expected \(expected); rename the columns or map "
        + "them in the source's configuration"
    case .malformed(let path, let line, let reason):
      "\(path):\(line): \(reason)"
    case .failedQuery(let path, let type, let message):
      "\(path): holds an error answer (\(type): \(message)) instead of data; repeat the export"
    case .unsupported(let path, let reason): "\(path): \(reason)"
    case .tooManySeries(let path, let limit):
      "\(path): more than \(limit) series so far; narrow the query or raise the limit of series"
    case .tooManyCells(let rows, let columns, let limit, let range):
      "\(rows) grid cells (\(range)) times \(columns) metric columns exceed the limit of \(limit); "
        + "check for stray timestamps, widen the interval or narrow the time range"
    case .missingPart(let path, let expected): "\(path): not found; expected \(expected)"
    case .invalidIncident(let place, let reason): "\(place): \(reason)"
    case .duplicateIncident(let id, let place, let first):
      "\(place): incident id '\(id)' was already used at \(first); make it unique"
    case .incidentsOutsideData(let count, let incidents, let data):
      "no overlap between incidents and data: the \(count) incidents span \(incidents), the data "
        + "covers \(data); check the incidents file's time zone or export the matching time"
    case .conflictingTestStart(let path):
      "\(path): its published test part begins at another time than the one read before; ingest "
        + "them as separate datasets"
    }
  }
}
