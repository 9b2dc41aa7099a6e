/// What a service can say in its logs.
struct LogVocabulary {
  /// What makes a line appear.
  enum Cause: Hashable {
    /// Ordinary requests; few are kept.
    case request
    /// Requests of more than a second.
    case slowRequest
    /// Requests that failed for the service's own reasons.
    case failure
    /// Waits for the store or provider that were given up.
    case timeout
    /// Requests that another service failed.
    case refused
    /// Writes that found the disk full.
    case diskFull
    /// Time alone; the weight is lines an hour.
    case time
    /// Memory close to its limit.
    case memoryPressure
    /// A volume close to its capacity.
    case diskPressure
    /// Little CPU left.
    case cpuPressure
    /// Each stop before a deploy, panic, kill and start writes each of its lines once, in order.
    case shutdown
    case panic
    case kill
    case startup
  }

  /// A line with fields in braces.
  struct Template {
    var level: String
    var cause: Cause
    /// How often it appears among the templates of its cause.
    var weight: Double
    var pieces: [Piece]

    init(_ level: String, _ cause: Cause, _ weight: Double = 1, _ text: String) {
      (self.level, self.cause, self.weight) = (level, cause, weight)
      pieces = Self.pieces(of: text)
    }

    private static func pieces(of text: String) -> [Piece] {
      text.split(separator: "{", omittingEmptySubsequences: false).enumerated().flatMap {
        index, part -> [Piece] in
        guard index > 0 else { return [.text(String(part))] }
        let halves = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let field = LogField(rawValue: String(halves[0])) else {
          preconditionFailure("no field of a log line: {\(part)")
        }
        return [.field(field), .text(String(halves[1]))]
      }
    }
  }

  /// A part of a line.
  enum Piece {
    case text(String)
    case field(LogField)
  }

  /// Requests for each line about an ordinary one that is kept.
  var requestsPerLine: Double
  /// Failed or slow requests for each line about one that is kept.
  var failuresPerLine: Double
  var templates: [Template]
}
