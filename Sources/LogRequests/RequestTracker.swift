public import Telemetry

/// The lines that one request wrote in one service, by template.
public struct LogRequest: Hashable, Sendable {
  /// Lines by the number of their template, each at least 1.
  public var lines: [Int: Int]

  /// Makes a request.
  public init(lines: [Int: Int]) { self.lines = lines }
}

/// Puts the lines of a service together by trace, and says of every cell which requests ended in it.
///
/// A request has ended when its trace has been silent for `pause`; the cell in which that becomes
/// known is its cell, so that no cell needs to know of later ones. What recording may have cut off
/// is no request: lines that come within the pause after recording began, and what has not ended
/// when it stops. Memory is bounded by `mostOpen` and `mostTemplates`.
public struct RequestTracker: Sendable {
  /// How long a trace is silent before its request has ended.
  public static let pause = TimeSpan.seconds(2)
  /// Requests at a time; lines of further traces are counted and left out.
  public static let mostOpen = 65_536
  /// Different templates of a request; one with more is left out.
  public static let mostTemplates = 256

  fileprivate struct Open {
    var first: Int64
    var last: Int64
    var lines: [Int: Int] = [:]
    var isWhole: Bool
  }

  /// The length of a cell in microseconds.
  private let interval: Int64
  private var open: [TraceIdentity: Open] = [:]
  /// When recording began; nil while nothing is recorded.
  private var start: Int64?
  /// Lines of traces for which there was no room.
  public private(set) var overflow = 0

  /// Starts without requests.
  ///
  /// - Parameter interval: The length of a cell.
  public init(interval: TimeSpan) { self.interval = interval.milliseconds * 1000 }

  /// Takes the next cell.
  ///
  /// - Parameters:
  ///   - lines: The cell's lines in the order of time, by template; nil when logs were not recorded.
  ///   - end: The cell's end.
  /// - Returns: The requests that ended in it, in the order of their first lines.
  public mutating func push(_ lines: [TracedLine]?, endingAt end: Timestamp) -> [LogRequest] {
    guard let lines else {
      open = [:]
      start = nil
      return []
    }
    let end = end.milliseconds * 1000
    let pause = Self.pause.milliseconds * 1000
    let start = start ?? end - interval
    self.start = start
    var ended: [(key: (Int64, TraceIdentity), request: LogRequest)] = []
    func close(_ trace: TraceIdentity, _ request: Open) {
      guard request.isWhole else { return }
      ended.append(((request.first, trace), LogRequest(lines: request.lines)))
    }
    for line in lines {
      if let request = open[line.trace], line.time - request.last > pause {
        close(line.trace, request)
        open[line.trace] = nil
      }
      if open[line.trace] == nil {
        guard open.count < Self.mostOpen else {
          overflow += 1
          continue
        }
        open[line.trace] = Open(
          first: line.time, last: line.time, isWhole: line.time - start >= pause)
      }
      open[line.trace]?.take(line, atMost: Self.mostTemplates)
    }
    for (trace, request) in open where request.last + pause <= end {
      close(trace, request)
      open[trace] = nil
    }
    return ended.sorted { $0.key < $1.key }.map(\.request)
  }
}

extension RequestTracker.Open {
  fileprivate mutating func take(_ line: TracedLine, atMost limit: Int) {
    last = max(last, line.time)
    if lines.count >= limit, lines[line.number] == nil {
      isWhole = false
    } else {
      lines[line.number, default: 0] += 1
    }
  }
}
