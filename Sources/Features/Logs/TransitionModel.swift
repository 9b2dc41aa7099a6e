internal import LogTemplates
public import Telemetry

/// How likely each template comes right after each other one in a stream, fitted on training cells
/// alone. Lines of no known template are one template more.
///
/// Witten and Bell, "The Zero-Frequency Problem" (IEEE Transactions on Information Theory 37(4),
/// 1991), method C, interpolated with how common the later template is:
///
///     P(b | a) = (c(a,b) + d(a)·P(b)) / (c(a) + d(a))
///     P(b)     = (c(b) + 1) / (c + templates + 1)
///
/// c(a,b) counts pairs in training, c(a) those that begin with a, c(b) those that end with b, c all;
/// d(a) is how many different templates followed a. After a template that was followed by nothing
/// in training, P(b | a) is P(b).
public struct TransitionModel: Hashable, Sendable {
  /// Two templates that followed each other.
  public struct Pair: Hashable, Sendable {
    /// Number of the earlier template.
    public var from: Int
    /// Number of the later template.
    public var to: Int
    /// How often, at least 1.
    public var lines: Int

    /// Makes a pair.
    public init(from: Int, to: Int, lines: Int) {
      (self.from, self.to, self.lines) = (from, to, lines)
    }
  }

  /// The pairs of training, ascending by `from` and `to`.
  public var pairs: [Pair]

  /// Makes a model from its parts.
  public init(pairs: [Pair]) { self.pairs = pairs }

  /// Fits a model.
  ///
  /// - Parameters:
  ///   - activity: The service's logs.
  ///   - channels: What knows the templates.
  ///   - isFitted: Per grid cell, whether it belongs to the fit window. Of these, cells with recorded
  ///     logs count whose pairs do not begin in recorded cells beyond it.
  public init(fitting activity: LogActivity, channels: LogChannels, isFitted: [Bool]) {
    let unknown = channels.dictionary.templates.count
    var templates: [Int?] = Array(repeating: nil, count: activity.patterns.count)
    func template(of pattern: Int) -> Int {
      if let known = templates[pattern] { return known }
      let found = channels.dictionary.match(activity.patterns[pattern]) ?? unknown
      templates[pattern] = found
      return found
    }
    var lines: [Place: Int] = [:]
    for transition in activity.transitions ?? [] {
      let row = transition.row
      guard isFitted[row], activity.recorded[row],
        row == 0 || isFitted[row - 1] || !activity.recorded[row - 1]
      else { continue }
      let place = Place(from: template(of: transition.from), to: template(of: transition.to))
      lines[place, default: 0] += transition.lines
    }
    pairs = lines.map { Pair(from: $0.key.from, to: $0.key.to, lines: $0.value) }
      .sorted { ($0.from, $0.to) < ($1.from, $1.to) }
  }

  fileprivate struct Place: Hashable {
    var from: Int
    var to: Int
  }
}

/// Answers how surprising a transition is.
struct TransitionSurprise: Sendable {
  /// Surprise is counted in whole 2⁻²⁰ bits, so that adding and taking away leaves no trace.
  static let unit = 0x1p-20

  private var lines: [TransitionModel.Place: Int] = [:]
  /// By template: pairs that begin with it, different templates that follow it, pairs that end
  /// with it.
  private var beginning: [Int]
  private var followers: [Int]
  private var ending: [Int]
  private var all = 0

  /// - Parameter width: Templates, those of no known template as one more.
  init(_ model: TransitionModel, width: Int) {
    beginning = Array(repeating: 0, count: width)
    (followers, ending) = (beginning, beginning)
    for pair in model.pairs {
      lines[TransitionModel.Place(from: pair.from, to: pair.to)] = pair.lines
      beginning[pair.from] += pair.lines
      followers[pair.from] += 1
      ending[pair.to] += pair.lines
      all += pair.lines
    }
  }

  /// How often a transition was seen in training.
  func training(_ from: Int, _ to: Int) -> Int {
    lines[TransitionModel.Place(from: from, to: to)] ?? 0
  }

  /// −log₂ P(to | from) in bits.
  func bits(_ from: Int, _ to: Int) -> Double {
    let common = Double(ending[to] + 1) / Double(all + ending.count)
    let known = beginning[from] + followers[from]
    let different = Double(followers[from])
    let probability =
      known == 0
      ? common : (Double(training(from, to)) + different * common) / Double(known)
    return -binaryLogarithm(probability)
  }

  /// What a cell's transitions amount to.
  func summary(_ transitions: [LogCell.Transition]) -> LogCell.Surprise {
    var summary = LogCell.Surprise()
    for transition in transitions {
      let bits = Int((bits(transition.from, transition.to) / Self.unit).rounded())
      let isSeen = training(transition.from, transition.to) > 0
      summary.add(lines: transition.lines, bits: bits, isSeen: isSeen)
    }
    return summary
  }
}
