internal import LinearAlgebra
internal import Telemetry

/// Writes log lines as `logcli query --forward --output=jsonl` prints them.
///
/// Ordinary lines are sampled as a log agent would; troubles are kept more often, up to a limit a
/// cell.
struct LogText {
  private static let mostPerCause = 30.0
  private(set) var bytes: [UInt8] = []
  private let seed: UInt64

  /// A line before it is written.
  private struct Line {
    var nanoseconds: Int64
    var labels: String
    var text: String
  }

  private var pending: [Line] = []

  init(seed: UInt64) { self.seed = seed }

  /// Draws what a service says in a cell.
  mutating func append(
    _ service: Service, index: Int, cell: TimeRange, condition: Condition, effects: Effects,
    tally: Readings.Tally, context: LogField.Context
  ) {
    var generator = Philox(seed: seed, purpose: "logs/\(service.name)", index: index)
    let vocabulary = service.logs
    let means = Self.means(
      service, effects.isUp && effects.panics == 0 ? cell.length.seconds : 0, condition, tally)
    for (cause, mean) in means {
      let templates = vocabulary.templates.filter { $0.cause == cause }
      let weights = templates.reduce(0) { $0 + $1.weight }
      for template in templates {
        let part = cause == .time ? mean * template.weight : mean * template.weight / weights
        for _ in 0..<generator.poisson(part) {
          let instant =
            cell.start.milliseconds * 1_000_000
            + Int64(generator.uniform() * cell.length.seconds * 1e9)
          say(template, service, at: instant, context, &generator)
        }
      }
    }
    // What is told about a stop or a start comes in order, a moment apart.
    var context = context
    for event in effects.events.sorted(by: { $0.time < $1.time }) {
      if event.cause == .shutdown { context.deploys += 1 }
      var instant = event.time.milliseconds * 1_000_000
      for template in vocabulary.templates where template.cause == event.cause {
        instant += Int64(generator.integer(20_000_000...900_000_000))
        say(template, service, at: instant, context, &generator)
      }
    }
  }

  /// Writes the lines drawn so far up to an instant, oldest first, and keeps later ones.
  mutating func flush(through end: Timestamp) {
    let (due, later) = (
      pending.filter { $0.nanoseconds <= end.milliseconds * 1_000_000 },
      pending.filter { $0.nanoseconds > end.milliseconds * 1_000_000 }
    )
    pending = later
    // Equal instants keep the order of services.
    let ordered = due.enumerated().sorted {
      ($0.element.nanoseconds, $0.offset) < ($1.element.nanoseconds, $1.offset)
    }
    for (_, line) in ordered {
      bytes += Array(#"{"labels":{\#(line.labels)},"line":""#.utf8)
      for byte in line.text.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
          bytes.append(UInt8(ascii: "\\"))
        }
        bytes.append(byte)
      }
      bytes += Array(#"","timestamp":"\#(Self.rfc3339(line.nanoseconds))"}"#.utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// How many lines each cause makes on average in a cell.
  private static func means(
    _ service: Service, _ length: Double, _ condition: Condition, _ tally: Readings.Tally
  ) -> [(LogVocabulary.Cause, Double)] {
    let vocabulary = service.logs
    func kept(_ count: Int) -> Double {
      min(mostPerCause, Double(count) / vocabulary.failuresPerLine)
    }
    func pressure(_ share: Double, from lower: Double) -> Double {
      4 * max(0, share - lower) / (1 - lower) * length / 300
    }
    let own = tally.failures - tally.timeouts - tally.refused - tally.unwritten
    return [
      (.request, Double(tally.requests) / vocabulary.requestsPerLine),
      (.slowRequest, kept(tally.slow) / 10),
      (.failure, kept(max(0, own))), (.timeout, kept(tally.timeouts)),
      (.refused, kept(tally.refused)), (.diskFull, kept(tally.unwritten)),
      (.time, length / 3600), (.memoryPressure, pressure(condition.memoryShare, from: 0.8)),
      (.diskPressure, pressure(condition.diskShare, from: 0.85)),
      (.cpuPressure, pressure(condition.utilisation, from: 0.78)),
    ]
  }

  private mutating func say(
    _ template: LogVocabulary.Template, _ service: Service, at nanoseconds: Int64,
    _ context: LogField.Context, _ generator: inout Philox
  ) {
    var text = ""
    for piece in template.pieces {
      switch piece {
      case .text(let fixed): text += fixed
      case .field(let field): text += field.text(in: context, &generator)
      }
    }
    let labels =
      #""level":"\#(template.level)","namespace":"\#(Shop.namespace)","#
      + #""pod":"\#(service.name)-0","service":"\#(service.name)""#
    pending.append(Line(nanoseconds: nanoseconds, labels: labels, text: text))
  }

  private static func rfc3339(_ nanoseconds: Int64) -> String {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(rest)
    let fraction = String(repeating: "0", count: 9 - digits.count) + digits
    return "\(Timestamp(seconds: seconds))".dropLast() + ".\(fraction)Z"
  }
}
